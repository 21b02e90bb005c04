/** What each command may still do once it is at work, as /proc tells of each of its threads. */
// Runs beside others.
import assert from "node:assert/strict";
import { syscallNumbers } from "../../src/syscall/mod.ts";
import { startAgent } from "../support/agent.ts";
import { ktm, startKtm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";
import { until } from "../support/until.ts";
import { withRefusedCall } from "./refused_call.ts";
import { ofThreads } from "./threads.ts";

/** CAP_PERFMON and CAP_BPF, bits 38 and 39. */
const BPF_AND_PERFMON = "000000c000000000";
const NONE = "0000000000000000";
const NOBODY = "65534";
/** `SECCOMP_MODE_FILTER` of `include/uapi/linux/seccomp.h`. */
const SECCOMP_FILTER = "2";

/** Every thread has at most `kept`, and no thread a user that another process may have. */
function checkThreads(pid: number, kept: string): void {
  for (const field of ["CapPrm", "CapEff"]) {
    const [main, ...others] = ofThreads(pid, field);
    assert.equal(main, kept, field);
    // A thread that the main one starts later has what that has.
    assert.ok(others.every((set) => set === NONE || set === kept), others.join(" "));
    assert.ok(others.includes(NONE));
  }
  const [user, ...users] = ofThreads(pid, "Uid");
  assert.equal(user, "0");
  assert.equal(users.includes(NOBODY), false);
  assert.ok(users.filter((id) => id !== "0").every((id) => Number(id) >= 0x7000_0000), users.join(" "));
  assert.deepEqual(new Set(ofThreads(pid, "NoNewPrivs")), new Set(["1"]));
  assert.deepEqual(new Set(ofThreads(pid, "Seccomp")), new Set([SECCOMP_FILTER]));
}

const COMMANDS = [
  ["run"],
  ["top"],
  ["snapshot", "--duration", "60s"],
  ["explain", "--duration", "60s"],
] as const;

for (const args of COMMANDS) {
  for (const hasTarget of [true, false]) {
    const name = `${args[0]} gives up privileges ${hasTarget ? "with" : "without"} a target`;
    Deno.test(needs(LIVE_KERNEL, name, async () => {
      await using stage = new Stage();
      if (hasTarget) stage.start(stage.copy("/bin/sleep", stage.prefix), ["1000"], stage.cgroup);
      await using child = startKtm([...args, "--comm-prefix", stage.prefix]);
      await child.said(/Gave up capabilities kept=CAP_BPF,CAP_PERFMON /);
      checkThreads(child.pid, BPF_AND_PERFMON);
    }));
  }
}

Deno.test(needs(LIVE_KERNEL, "demo gives up privileges, and keeps one to remove its cgroup", async () => {
  await using child = startKtm(["demo", "--duration", "1s"]);
  await child.said(/Gave up capabilities kept=CAP_BPF,CAP_PERFMON,CAP_DAC_OVERRIDE /);
  checkThreads(child.pid, "000000c000000002");
  assert.match((await child.outcome()).stdout, /^All \d+ counts agree\.$/m);
}));

/** Source: `man 3 errno`. */
const [EPERM, ENOSYS] = [1, 38];

for (const [name, errno] of Object.entries({ EPERM, ENOSYS })) {
  Deno.test(
    needs([...LIVE_KERNEL, "python3"], `run gives up privileges where bpf() answers ${name}`, async () => {
      await using stage = new Stage();
      stage.start(stage.copy("/bin/sleep", stage.prefix), ["1000"], stage.cgroup);
      const wrapper = withRefusedCall(syscallNumbers().bpf, errno);
      await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
      await agent.child.said(/Gave up capabilities kept=CAP_BPF,CAP_PERFMON /);
      checkThreads(agent.child.pid, BPF_AND_PERFMON);
      assert.equal((await agent.get("/healthz")).status, 200);
    }),
  );
}

Deno.test(
  needs(LIVE_KERNEL, "run reads a configuration that is replaced by its name, or behind links", async () => {
    await using stage = new Stage();
    const place = `${stage.directory}/etc`;
    const write = (name: string, interval: string) =>
      Deno.writeTextFileSync(`${place}/${name}`, `collector:\n  interval: ${interval}\n`);
    // As a volume of Kubernetes has it: the file is a link into a directory that is a link.
    for (const version of [1, 2]) {
      await Deno.mkdir(`${place}/${version}`, { recursive: true });
      write(`${version}/ktm.yaml`, `${version}s`);
    }
    await Deno.symlink("1", `${place}/data`);
    await Deno.symlink("data/ktm.yaml", `${place}/ktm.yaml`);
    await using child = startKtm(["run", "--comm-prefix", stage.prefix, "--config", `${place}/ktm.yaml`]);
    await child.said(/Gave up capabilities/);
    await Deno.symlink("2", `${place}/data.new`);
    await Deno.rename(`${place}/data.new`, `${place}/data`);
    child.kill("SIGHUP");
    await child.said(/Changed key=collector.interval from=1s to=2s/);
    write("other", "3s");
    await Deno.rename(`${place}/other`, `${place}/ktm.yaml`);
    child.kill("SIGHUP");
    await child.said(/Changed key=collector.interval from=2s to=3s/);
  }),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "python3"],
    "run and check say that files are not out of reach without Landlock",
    async () => {
      await using stage = new Stage();
      const wrapper = withRefusedCall(syscallNumbers().landlock_create_ruleset, ENOSYS);
      await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
      await agent.child.said(
        /Gave up capabilities .* changes_refused="all threads" files_read="any, no Landlock"/,
      );
      checkThreads(agent.child.pid, BPF_AND_PERFMON);
      const { stdout } = await ktm(["check"], wrapper);
      assert.match(
        stdout,
        /^note +confinement: .*seccomp refuses file changes; no Landlock; .*; boot with landlock/m,
      );
    },
  ),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "python3"],
    "run says that files can be changed without seccomp filters",
    async () => {
      await using stage = new Stage();
      const wrapper = withRefusedCall(syscallNumbers().seccomp, EPERM);
      await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
      await agent.child.said(/Gave up capabilities .* changes_refused=none/);
    },
  ),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "unshare"],
    "run leaves threads alone where its user namespace has no other user",
    async () => {
      await using stage = new Stage();
      const wrapper = ["unshare", "--user", "--map-root-user"];
      await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
      await agent.child.said(
        /Gave up capabilities .* other_threads=unchanged .* changes_refused="all threads"/,
      );
    },
  ),
);

Deno.test(
  needs(
    LIVE_KERNEL,
    "run keeps two capabilities in one thread, and none in the others, and attaches with them",
    async () => {
      await using stage = new Stage();
      await using agent = await startAgent(["--comm-prefix", stage.prefix]);
      await agent.child.said(/Gave up capabilities kept=CAP_BPF,CAP_PERFMON/);
      const { pid } = agent.child;
      checkThreads(pid, BPF_AND_PERFMON);
      assert.equal(ofThreads(pid, "CapBnd")[0], BPF_AND_PERFMON);
      assert.equal(ofThreads(pid, "CapAmb")[0], NONE);
      assert.equal(ofThreads(pid, "CapInh")[0], NONE);
      const said = / bounding_set=reduced .* no_new_privs="all threads" changes_refused="all threads" /m;
      assert.match(agent.child.stderr, said);

      stage.start(stage.copy("/bin/sleep", stage.prefix), ["1000"], stage.cgroup);
      await agent.child.said(/Watching the target mode=full/);
    },
  ),
);

Deno.test(
  needs([...LIVE_KERNEL, "bash"], "run attaches, detaches and attaches again with what it kept", async () => {
    await using stage = new Stage();
    const container = stage.makeCgroup("-container");
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    await agent.child.said(/Gave up capabilities/);
    for (const count of [1, 2]) {
      const reader = new Reader(stage, stage.prefix, container);
      await agent.child.said(/Watching the target mode=full/, count);
      await reader.read(1);
      const before = await agent.reads();
      const done = await reader.read(20);
      assert.equal(await agent.reads(), before + done);
      reader.child.kill("SIGKILL");
      await reader.child.outcome();
      await stage.removeCgroup(container);
      await agent.child.said(/Target cgroup removed/, count);
      stage.makeCgroup("-container");
    }
  }),
);

Deno.test(
  needs([...LIVE_KERNEL, "unshare"], "run ends with its parent where that was asked for", async () => {
    await using stage = new Stage();
    const wrapper = ["unshare", "--fork", "--kill-child"];
    await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
    await agent.child.said(/Gave up capabilities/);
    const children = `/proc/${agent.child.pid}/task/${agent.child.pid}/children`;
    const pid = (await Deno.readTextFile(children)).trim();
    agent.child.kill("SIGKILL");
    await until(`end of process ${pid}`, () => {
      try {
        return /^State:\s*[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
      } catch (error) {
        // Gone, or just on its way when it was read.
        if (error instanceof Deno.errors.NotFound || (error as { code?: string }).code === "ESRCH") {
          return true;
        }
        throw error;
      }
    });
    await agent.child.outcome();
  }),
);
