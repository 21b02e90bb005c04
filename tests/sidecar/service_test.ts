/** `ktm run` as a service: what it tells a service manager, as another program's socket receives it. */
// Runs beside others.
import assert from "node:assert/strict";
import { startAgent } from "../support/agent.ts";
import { Child } from "../support/child.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";

/** Says on a line what comes, with the sender's process id, which the kernel tells (`man 7 unix`). */
const LISTENER = `
import socket, struct, sys, time
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
name = sys.argv[1]
listener.bind("\\0" + name[1:] if name.startswith("@") else name)
print("ready", file=sys.stderr, flush=True)
while True:
    data, control, _, _ = listener.recvmsg(4096, socket.CMSG_SPACE(12))
    pid = struct.unpack("iii", control[0][2])[0]
    print(pid, time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, data, file=sys.stderr, flush=True)
`;

const NEEDS = [...LIVE_KERNEL, "bash", "python3"] as const;

/** A service manager's socket, and an agent that is told of it. */
async function startService(stage: Stage, socket: string, more: readonly string[] = []) {
  const manager = stage.track(new Child("python3", { args: ["-c", LISTENER, socket] }));
  await manager.said(/^ready$/);
  const agent = await startAgent(
    ["--comm-prefix", stage.prefix],
    ["env", `NOTIFY_SOCKET=${socket}`, ...more],
  );
  stage.track(agent.child);
  return { manager, agent };
}

for (const kind of ["a path", "an abstract name"] as const) {
  Deno.test(needs(NEEDS, `run tells a service manager under ${kind} what it does`, async () => {
    await using stage = new Stage();
    const socket = kind === "a path" ? `${stage.directory}/notify` : `@ktm-${stage.prefix}`;
    const { manager, agent } = await startService(stage, socket);
    const [, pid] = await manager.said(
      /^(\d+) \d+ b'READY=1\\nSTATUS=target, iomonitor, procmonitor waiting: /,
    );
    assert.equal(Number(pid), agent.child.pid);

    const reader = new Reader(stage, stage.prefix, stage.cgroup);
    await manager.said(
      new RegExp(`b'STATUS=target, iomonitor, procmonitor full: process ${reader.child.pid} `),
    );

    agent.child.kill("SIGHUP");
    const [, at, told] = await manager.said(/^\d+ (\d+) b'RELOADING=1\\nMONOTONIC_USEC=(\d+)'/);
    const late = Number(at) - Number(told);
    assert.ok(late >= 0 && late < 10_000_000, `${late} us`);
    await manager.said(/b'READY=1'/);

    agent.child.kill("SIGTERM");
    await manager.said(/b'STOPPING=1'/);
    assert.equal((await agent.child.outcome()).code, 0);
    assert.doesNotMatch(manager.stderr, /WATCHDOG/);
  }));
}

Deno.test(needs(NEEDS, "run tells a watchdog at least twice in its time that it works", async () => {
  await using stage = new Stage();
  const socket = `${stage.directory}/notify`;
  const { manager } = await startService(stage, socket, ["WATCHDOG_USEC=400000"]);
  const times: number[] = [];
  for (let count = 1; count <= 6; count++) {
    const [, time] = await manager.said(/^\d+ (\d+) b'WATCHDOG=1/, count);
    times.push(Number(time));
  }
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  // The median: the machine may be busy for a moment.
  assert.ok(gaps.toSorted((a, b) => a - b)[2]! <= 250_000, gaps.join(", "));
}));

Deno.test(needs(LIVE_KERNEL, "run does without a service manager that does not answer", async () => {
  await using stage = new Stage();
  const socket = `${stage.directory}/nobody`;
  await using agent = await startAgent(["--comm-prefix", stage.prefix], ["env", `NOTIFY_SOCKET=${socket}`]);
  await agent.child.said(/sd_notify failed; .* .*nobody/);
  assert.equal((await agent.get("/healthz")).status, 200);
}));
