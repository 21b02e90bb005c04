/** Names of processes: what /proc, the kernel's iterator and the filter in the kernel make of them alike. */
import assert from "node:assert/strict";
import { encodeCommPrefix, KernelProcesses, listProcesses, type Process } from "../../src/discovery/mod.ts";
import { processId, stat } from "../../src/syscall/mod.ts";
import { ktm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { PROGRAMS, Stage } from "../support/stage.ts";
import { Workload } from "../support/target/workload.ts";
import { until } from "../support/until.ts";
import { Watch } from "../support/watch.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** Marks the processes of this run; a comm has 15 bytes. */
const TAG = crypto.getRandomValues(new Uint16Array(1))[0]!.toString(16).padStart(4, "0");

interface Case {
  readonly prefix: string;
  readonly comm: string;
  readonly matches: boolean;
}

const CASES: readonly Case[] = [
  { prefix: `${TAG}b`, comm: `${TAG}banyand`, matches: true },
  { prefix: `${TAG}banyand`, comm: `${TAG}banyand`, matches: true },
  { prefix: `${TAG}banyand`, comm: `${TAG}banyan`, matches: false },
  { prefix: `${TAG}banyand`, comm: `${TAG}Banyand`, matches: false },
  { prefix: `${TAG}banyand`, comm: `x${TAG}banyand`, matches: false },
  // No pattern: each character stands for itself.
  { prefix: `${TAG}b.nyand`, comm: `${TAG}banyand`, matches: false },
  { prefix: `${TAG}b.nyand`, comm: `${TAG}b.nyand`, matches: true },
  { prefix: `${TAG}.*`, comm: `${TAG}banyand`, matches: false },
  { prefix: `${TAG}[a-z]+$`, comm: `${TAG}[a-z]+$\\(|`, matches: true },
  { prefix: `${TAG}(a b) `, comm: `${TAG}(a b) Z 1`, matches: true },
  // The end of what a comm holds.
  { prefix: `${TAG}-15-bytes--`, comm: `${TAG}-15-bytes--`, matches: true },
  { prefix: `${TAG}-15-bytes--`, comm: `${TAG}-15-bytes--and-more`, matches: true },
  { prefix: `${TAG}-15-bytes--`, comm: `${TAG}-15-bytes-`, matches: false },
  // Bytes, not characters.
  { prefix: `${TAG}b\u00e4nyand`, comm: `${TAG}b\u00e4nyand-db`, matches: true },
  { prefix: `${TAG}b\u00e4nyand`, comm: `${TAG}banyand-db`, matches: false },
  { prefix: `${TAG}\u6a39`, comm: `${TAG}\u6a39\u6728\u6a39\u6728`, matches: true },
];

const WHERE = { cgroup: undefined, commFallback: "always" } as const;

/** What both ways to search find. */
function found(prefix: string): { proc: Process[]; kernel: Process[] } {
  const bytes = encodeCommPrefix(prefix);
  using kernel = new KernelProcesses(bytes);
  const withoutCgroup = ({ pid, comm, startTime }: Process) => ({ pid, comm, startTime });
  return { proc: listProcesses(bytes), kernel: kernel.list().map(withoutCgroup) };
}

Deno.test({
  ...needs([...LIVE_KERNEL, "cc"], "searches and filter agree on what a prefix matches", () => {}),
  fn: async (t) => {
    await using stage = new Stage();
    const target = await Workload.start(stage, "unnamed", stage.cgroup);
    using watch = new Watch(stage.cgroup);
    for (const { prefix, comm, matches } of CASES) {
      await t.step(`${JSON.stringify(prefix)} and ${JSON.stringify(comm)}`, async () => {
        await target.do("rename_process", comm.replaceAll(" ", "~"));
        const { proc, kernel } = found(prefix);
        assert.deepEqual(proc.map(({ pid }) => pid), matches ? [target.child.pid] : []);
        assert.deepEqual(kernel, proc);
        watch.target.reprogram({ ...WHERE, commPrefix: prefix });
        watch.since();
        const { read } = await target.do("calls");
        const values = watch.since();
        assert.equal(values.get("ktm_sys_read_latency_seconds_count"), matches ? BigInt(read[0]) : 0n);
      });
    }
  },
});

Deno.test(
  needs(LIVE_KERNEL, "a prefix of 16 bytes is an error that says so, in characters or not", async () => {
    for (const prefix of ["banyand-server-1", "\u00e9".repeat(8)]) {
      const { code, stdout, stderr } = await ktm(["snapshot", "--comm-prefix", prefix]);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /--comm-prefix: expected a text of 1 to 15 bytes, got /);
    }
  }),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "a search finds the target while other processes begin and end all the time",
    async () => {
      await using stage = new Stage();
      const target = await stage.startStopped(`${stage.prefix}-db`, ":", stage.cgroup);
      // Each of them vanishes between one look at it and the next, sooner or later.
      const script = `while :; do ( exec -a x true & ) ; done`;
      const others = stage.makeCgroup("-others");
      const shell = stage.copy(PROGRAMS.shell, stage.prefix);
      stage.start(shell, ["-c", script], others);
      await until("churn", () => found(stage.prefix).proc.length > 1);
      let changes = 0;
      for (let round = 0; round < 100; round++) {
        const { proc, kernel } = found(stage.prefix);
        assert.equal(proc[0]!.pid, target.pid);
        assert.equal(kernel[0]!.pid, target.pid);
        changes += Number(proc.map(({ pid }) => pid).join() !== kernel.map(({ pid }) => pid).join());
      }
      assert.ok(changes > 0, "nothing ended between two searches");
    },
  ),
);

Deno.test(
  needs(
    LIVE_KERNEL,
    "the kernel's iterator and the mount agree on the id of a cgroup and how deep it lies",
    async () => {
      await using stage = new Stage();
      const nested = stage.makeCgroup("/a");
      const deeper = stage.makeCgroup("/a/b");
      for (const [level, cgroup] of [stage.cgroup, nested, deeper].entries()) {
        const comm = `${stage.prefix}-${level}`;
        stage.start(stage.copy("/bin/sleep", comm), ["1000"], cgroup);
        using processes = new KernelProcesses(encodeCommPrefix(comm));
        const [process] = await until("process", () => processes.list().length > 0 && processes.list());
        assert.deepEqual(process!.cgroup, { id: stat(cgroup).inode, level: level + 1, holdsSelf: false });
      }
    },
  ),
);
