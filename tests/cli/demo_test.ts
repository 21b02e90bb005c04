/** `ktm demo` on the running kernel: what the workload did and what the kernel counted are the same. */
import assert from "node:assert/strict";
import type { Outcome } from "../support/child.ts";
import { ktm, startKtm, WITH_BPF_AND_PERFMON, withMounts } from "../support/ktm.ts";
import { LIVE_KERNEL, needs, wholeCgroupMount } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { DemoBelongings } from "./demo.ts";

const SHORT = ["--duration", "300ms"];
const MOUNT = wholeCgroupMount() ?? "";

/** Asserts that the demo counted something, and that every count agrees. */
function assertAgrees({ code, stdout, stderr }: Outcome): void {
  assert.match(stdout, /^All 14 counts agree\.$/m, stdout + stderr);
  assert.equal(stdout.match(/ ok$/gm)?.length, 14);
  const reads = /^read calls that succeeded +(\d+) /m.exec(stdout)?.[1];
  assert.ok(Number(reads) > 0);
  assert.equal(code, 0);
}

Deno.test(needs([...LIVE_KERNEL, "bpftool"], "demo agrees with itself and leaves nothing", async () => {
  await using demo = startKtm(["demo", "--duration", "1s"]);
  await demo.said(/Watching the target mode=full/);
  const belongings = new DemoBelongings(demo.pid);
  assertAgrees(await demo.outcome());
  await belongings.assertGone();
}));

Deno.test(needs(LIVE_KERNEL, "demo agrees while others read at full speed", async () => {
  await using stage = new Stage();
  stage.startReaders(4);
  for (let run = 0; run < 3; run++) assertAgrees(await ktm(["demo", ...SHORT]));
}));

Deno.test(needs(LIVE_KERNEL, "two demos at the same time do not disturb each other", async () => {
  const outcomes = await Promise.all([ktm(["demo", ...SHORT]), ktm(["demo", ...SHORT])]);
  outcomes.forEach(assertAgrees);
}));

Deno.test(needs(LIVE_KERNEL, "demo takes a comm prefix, also one that leaves no room", async () => {
  await using stage = new Stage();
  const short = `k${stage.prefix.slice(-4)}`;
  const full = `${stage.prefix}0000`;
  for (const { prefix, comm } of [{ prefix: short, comm: `${short}-demo` }, { prefix: full, comm: full }]) {
    const outcome = await ktm(["demo", "--comm-prefix", prefix, ...SHORT]);
    assertAgrees(outcome);
    assert.match(outcome.stderr, new RegExp(` comm=${comm} `));
  }
}));

Deno.test(needs(LIVE_KERNEL, "demo makes its cgroup below the one that is configured", async () => {
  await using stage = new Stage();
  for (const path of [stage.cgroup, stage.cgroup.slice(MOUNT.length + 1)]) {
    const outcome = await ktm(["demo", "--cgroup-path", path, ...SHORT]);
    assertAgrees(outcome);
    assert.match(outcome.stderr, new RegExp(` cgroup=${stage.cgroup}/ktm-demo-\\d+$`, "m"));
    for await (const { name, isDirectory } of Deno.readDir(stage.cgroup)) assert.ok(!isDirectory, name);
  }
}));

Deno.test(needs(LIVE_KERNEL, "demo does with the cgroup alone, and with every comm fallback", async () => {
  for (const mode of ["never", "when-unset", "always"]) {
    assertAgrees(await ktm(["demo", "--comm-fallback", mode, ...SHORT]));
  }
}));

Deno.test(needs([...LIVE_KERNEL, "setpriv"], "demo needs CAP_BPF and CAP_PERFMON only", async () => {
  assertAgrees(await ktm(["demo", ...SHORT], WITH_BPF_AND_PERFMON));
}));

const MOUNT_CHANGES = [
  { how: "no cgroup2 mount is visible", change: `umount -l ${MOUNT}` },
  { how: "the cgroup2 mount is read-only", change: `mount -o remount,bind,ro ${MOUNT}` },
];

for (const { how, change } of MOUNT_CHANGES) {
  const name = `demo agrees by comm alone where ${how}`;
  Deno.test(needs([...LIVE_KERNEL, "unshare", "mount"], name, async () => {
    await using stage = new Stage();
    stage.startReaders(2);
    const args = ["demo", "--comm-prefix", stage.prefix, ...SHORT];
    const outcome = await ktm(args, withMounts(change));
    assertAgrees(outcome);
    assert.match(outcome.stderr, /Watching the target mode=degraded/);
  }));
}

Deno.test(
  needs([...LIVE_KERNEL, "unshare", "mount"], "demo agrees in a cgroup that it has to share", async () => {
    await using stage = new Stage();
    const enter = `mount -o remount,bind,ro ${MOUNT} && exec "$@"`;
    const inside = [
      ...["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', stage.cgroup],
      ...["unshare", "--mount", "--propagation", "private", "sh", "-c", enter, "sh"],
    ];
    assertAgrees(await ktm(["demo", "--comm-prefix", stage.prefix, ...SHORT], inside));
  }),
);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  const name = `demo that is interrupted by ${signal} says so and leaves nothing`;
  Deno.test(needs([...LIVE_KERNEL, "bpftool"], name, async () => {
    await using demo = startKtm(["demo", "--duration", "10m"]);
    await demo.said(/Watching the target/);
    const belongings = new DemoBelongings(demo.pid);
    demo.kill(signal);
    const { code, stdout, stderr } = await demo.outcome();
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^ktm: Cannot finish the demo: it was interrupted$/m);
    await belongings.assertGone();
  }));
}
