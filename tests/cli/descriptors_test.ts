/** Every command where few files may be open. */
import assert from "node:assert/strict";
import { MODULES } from "../../src/collector/mod.ts";
import { ktm, startKtm } from "../support/ktm.ts";
import { tracefs } from "../support/kernel/tracefs.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";

/** Below this the runtime itself cannot load the program or take its first signal, and says so in its own words. */
const RUNTIME_NEEDS = 28;

const COMMANDS: readonly (readonly string[])[] = [
  ["run"],
  ["run", "--listen", "127.0.0.1:0"],
  ["snapshot", "--duration", "1ms"],
  ["top", "--interval", "10ms"],
  ["explain", "--duration", "10ms"],
  ["check"],
  ["demo", "--duration", "10ms"],
];

function limited(files: number): readonly string[] {
  return ["sh", "-c", `ulimit -n ${files}; exec "$@"`, "sh"];
}

const COMPLAINT =
  /^ktm: Cannot start: too few open files are allowed, \d+ of which \d+ are in use, and (\d+) more are needed; raise the limit with ulimit -n, or LimitNOFILE in a systemd unit\n$/;

for (const args of COMMANDS) {
  const name = `ktm ${args.slice(0, 2).join(" ")} says that too few files may be open, and exits 1`;
  Deno.test(needs([...LIVE_KERNEL, "bash"], name, async () => {
    await using stage = new Stage();
    await stage.startStopped(stage.prefix, ":", stage.cgroup);
    for (let files = RUNTIME_NEEDS; files <= 60; files += 4) {
      const { code, stdout, stderr } = await ktm([...args, "--comm-prefix", stage.prefix], limited(files));
      assert.match(stderr, COMPLAINT, `with ${files} files`);
      assert.equal(stdout, "");
      assert.equal(code, 1);
    }
  }));
}

Deno.test(
  needs([...LIVE_KERNEL, "bash"], "the files that ktm asks for are enough to watch everything", async () => {
    await using stage = new Stage();
    await stage.startStopped(stage.prefix, ":", stage.cgroup);
    const args = ["snapshot", "--duration", "1ms", "--format", "json", "--comm-prefix", stage.prefix];
    const { stderr } = await ktm(args, limited(RUNTIME_NEEDS));
    const [, limit, used, needed] = /(\d+) of which (\d+) are in use, and (\d+) more/.exec(stderr)!;
    assert.equal(Number(limit), RUNTIME_NEEDS);
    const names = async (files: number) => {
      const { code, stdout, stderr } = await ktm(args, limited(files));
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stderr, /MFILE/);
      return [...stdout.matchAll(/"name":\s*"(\w+)"/g)].map(([, name]) => name);
    };
    const fewest = await names(Number(used) + Number(needed));
    assert.ok(fewest.includes("ktm_sys_read_latency_seconds"));
    assert.deepEqual(fewest, await names(4096));
  }),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash", "mount"],
    "they are enough for all modules, also where a program takes most of them",
    async () => {
      await using stage = new Stage();
      await using _ = await tracefs(stage.directory);
      await stage.startStopped(stage.prefix, ":", stage.cgroup);
      const modules = ["--modules", MODULES.map(({ name }) => name).join(","), "--strategies", "tracepoint"];
      const args = ["snapshot", "--duration", "1ms", "--comm-prefix", stage.prefix, ...modules];
      const [, used, needed] = /(\d+) are in use, and (\d+) more/.exec(
        (await ktm(args, limited(RUNTIME_NEEDS))).stderr,
      )!;
      await using child = startKtm(args, limited(Number(used) + Number(needed)));
      await child.said(/Watching the target|MFILE/);
      const { code, stdout, stderr } = await child.outcome();
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^ktm_sys_fsync_latency_seconds_count/m);
    },
  ),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "run goes on, and says why, when its descriptors run out later",
    async () => {
      await using stage = new Stage();
      await using agent = startKtm(["run", "--interval", "50ms", "--comm-prefix", stage.prefix]);
      // The start is over by then: a runtime that is still starting threads does not survive what follows.
      await agent.said(/Gave up capabilities/);
      const limit = (files: number) =>
        new Deno.Command("prlimit", { args: ["--pid", String(agent.pid), `--nofile=${files}:4096`] })
          .output();
      assert.equal((await limit(8)).code, 0);
      await stage.startStopped(stage.prefix, ":", stage.cgroup);
      await agent.said(/Too many open files/);
      assert.equal((await limit(4096)).code, 0);
      await agent.said(/Watching the target/);
      agent.kill("SIGTERM");
      assert.equal((await agent.outcome()).code, 0);
    },
  ),
);
