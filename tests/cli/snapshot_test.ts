/** `ktm snapshot` beside strace, on a real program: fio under a database's name. */
import assert from "node:assert/strict";
import { Child } from "../support/child.ts";
import { valueOf } from "../support/exposition.ts";
import { startKtm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { PROGRAMS, Stage } from "../support/stage.ts";
import { callsIn, startStrace } from "./strace.ts";

const WORKLOAD_NEEDS = [...LIVE_KERNEL, "bash", "fio", "strace"] as const;

/** 8 MiB in blocks of 4 KiB, and as many again: enough for a lost or doubled event to show. */
const FIO = "--name=job --rw=randread --bs=4k --size=8m --loops=2 --norandommap --allow_file_create=1";

/** A read that fails: the shell takes its next line from a directory. */
const FAILED_READ = "read -r line < /;";

interface Workload {
  /** Comm of the shell and of fio, after the stage's prefix. */
  readonly name: (stage: Stage) => string;
  readonly fio: string;
  readonly snapshot: (stage: Stage) => readonly string[];
}

const BY_COMM: Omit<Workload, "fio"> = {
  name: ({ prefix }) => prefix,
  snapshot: ({ prefix }) => ["--comm-prefix", prefix],
};

const BY_CGROUP_ALONE: Omit<Workload, "fio"> = {
  name: ({ prefix }) => `k${prefix.slice(-4)}`,
  snapshot: ({ cgroup }) => ["--cgroup-path", cgroup, "--comm-fallback", "never"],
};

/** Runs fio under strace and snapshot, both attached before it starts, and gives what each of them saw. */
async function observe(stage: Stage, workload: Workload): Promise<{ metrics: string; log: string }> {
  const name = workload.name(stage);
  const fio = stage.copy(PROGRAMS.fio, `${name}-fio`);
  const script = `${FAILED_READ} exec ${fio} --directory=${stage.directory} ${FIO} ${workload.fio}`;
  const shell = await stage.startStopped(`${name}-sh`, script, stage.cgroup);
  const path = `${stage.directory}/strace`;
  await using strace = await startStrace(shell.pid, path);
  await using snapshot = startKtm(["snapshot", "--duration", "10m", ...workload.snapshot(stage)]);
  await snapshot.said(/Watching the target mode=full/);
  shell.kill("SIGCONT");
  const { code, stderr } = await shell.outcome();
  assert.equal(code, 0, stderr);
  await strace.outcome();
  snapshot.kill("SIGINT");
  const { code: exitCode, stdout: metrics } = await snapshot.outcome();
  assert.equal(exitCode, 0);
  return { metrics, log: await Deno.readTextFile(path) };
}

function assertSame(metrics: string, log: string): void {
  for (const [call, syscall] of [["read", "read"], ["pread", "pread64"]] as const) {
    const { succeeded, failed, again, returned } = callsIn(log, syscall);
    assert.equal(valueOf(metrics, `ktm_sys_${call}_latency_seconds_count`), succeeded, syscall);
    assert.equal(valueOf(metrics, `ktm_sys_${call}_errors_total`), failed - again, syscall);
    assert.equal(valueOf(metrics, `ktm_sys_${call}_bytes_total`), returned, syscall);
  }
  const again = callsIn(log, "read").again + callsIn(log, "pread64").again;
  assert.equal(valueOf(metrics, "ktm_sys_read_again_total"), again);
  const fadvise = callsIn(log, "fadvise64");
  assert.equal(valueOf(metrics, "ktm_fadvise_calls_total"), fadvise.succeeded + fadvise.failed);
  assert.equal(valueOf(metrics, "ktm_fadvise_success_total"), fadvise.succeeded);
  assert.ok(callsIn(log, "read").failed > 0);
}

function workloadTest(name: string, workload: Workload, heavy: "read" | "pread64"): void {
  Deno.test(needs(WORKLOAD_NEEDS, name, async () => {
    await using stage = new Stage();
    stage.startReaders(1);
    const { metrics, log } = await observe(stage, workload);
    assertSame(metrics, log);
    assert.ok(callsIn(log, heavy).succeeded >= 4096);
  }));
}

workloadTest("snapshot counts what strace counts", { ...BY_COMM, fio: "--ioengine=psync" }, "pread64");
workloadTest(
  "snapshot counts what strace counts of read",
  { ...BY_COMM, fio: "--ioengine=sync --fadvise_hint=1" },
  "read",
);
workloadTest(
  "snapshot counts what strace counts of several threads",
  { ...BY_COMM, fio: "--ioengine=psync --numjobs=2 --thread" },
  "pread64",
);
workloadTest(
  "snapshot counts what strace counts of several processes",
  { ...BY_COMM, fio: "--ioengine=psync --numjobs=2" },
  "pread64",
);
workloadTest(
  "snapshot counts what strace counts by the cgroup alone",
  { ...BY_CGROUP_ALONE, fio: "--ioengine=psync --numjobs=2 --thread" },
  "pread64",
);

/** A short snapshot of the stage's processes. */
async function shortSnapshot(stage: Stage, format: string): Promise<string> {
  const args = ["snapshot", "--format", format, "--duration", "50ms", "--comm-prefix", stage.prefix];
  await using snapshot = startKtm(args);
  const { code, stdout, stderr } = await snapshot.outcome();
  assert.equal(code, 0, stderr);
  return stdout;
}

Deno.test(needs([...LIVE_KERNEL, "bash", "promtool"], "promtool accepts what snapshot prints", async () => {
  await using stage = new Stage();
  await stage.startStopped(stage.prefix, ":", stage.cgroup);
  const metrics = await shortSnapshot(stage, "prometheus");
  await using promtool = new Child("promtool", { args: ["check", "metrics"], stdin: "piped" });
  await promtool.write(metrics);
  await promtool.endInput();
  assert.deepEqual(await promtool.outcome(), { code: 0, stdout: "", stderr: "" });
}));

Deno.test(
  needs([...LIVE_KERNEL, "bash"], "snapshot counts nothing of a process that does nothing", async () => {
    await using stage = new Stage();
    await stage.startStopped(stage.prefix, ":", stage.cgroup);
    stage.startReaders(2);
    const metrics = await shortSnapshot(stage, "prometheus");
    assert.equal(valueOf(metrics, "ktm_status"), 2);
    assert.equal(valueOf(metrics, "ktm_target_up"), 1);
    for (
      const name of ["sys_read_latency_seconds_count", "sys_read_bytes_total", "cache_read_attempts_total"]
    ) {
      assert.equal(valueOf(metrics, `ktm_${name}`), 0, name);
    }
  }),
);

Deno.test(
  needs([...LIVE_KERNEL, "bash"], "snapshot prints the same series as JSON and as a table", async () => {
    await using stage = new Stage();
    await stage.startStopped(stage.prefix, ":", stage.cgroup);
    const names = (text: string) => new Set(text.match(/\bktm_\w+/g));
    const json = await shortSnapshot(stage, "json");
    assert.equal(typeof JSON.parse(json), "object");
    const table = await shortSnapshot(stage, "table");
    const families = (await shortSnapshot(stage, "prometheus")).matchAll(/^# TYPE (\w+)/gm);
    const expected = new Set([...families].map(([, name]) => name!));
    assert.deepEqual(names(json), expected);
    assert.deepEqual(names(table), expected);
  }),
);

Deno.test(needs(LIVE_KERNEL, "snapshot fails with a reason where there is no target", async () => {
  await using snapshot = startKtm(["snapshot", "--duration", "50ms", "--comm-prefix", "nobody-is-this"]);
  const { code, stdout, stderr } = await snapshot.outcome();
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^ktm: Cannot take a snapshot: no process in \/proc has a comm that starts with/m);
}));
