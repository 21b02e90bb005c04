/** A disk that answers no more: what can be seen before any read returns. */
import assert from "node:assert/strict";
import { monotonicMs } from "../../src/syscall/mod.ts";
import { startAgent } from "../support/agent.ts";
import { output } from "../support/child.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { PROGRAMS, Stage } from "../support/stage.ts";
import { makeSlowDisk } from "../support/target/slow_disk.ts";
import { until } from "../support/until.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
monotonicMs();

const THREADS = 50;

/** A byte in a second is a page in an hour. */
const HUNG = { requestsPerSecond: 0, bytesPerSecond: 1 };
const FAST = { requestsPerSecond: 0, bytesPerSecond: 0 };

const IN_FLIGHT = 'ktm_calls_in_flight{call="pread64"}';

async function run(program: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await output(program, ...args);
  assert.equal(code, 0, stderr);
}

/** How many threads of a process are in uninterruptible sleep, as ps has it. */
function blockedThreads(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].filter(({ name }) => {
    const text = Deno.readTextFileSync(`/proc/${pid}/task/${name}/stat`);
    return text.slice(text.lastIndexOf(") ") + 2)[0] === "D";
  }).length;
}

Deno.test(needs(
  [...LIVE_KERNEL, "fio", "blkio", "losetup", "mkfs.ext4", "mount"],
  "a hung disk is seen by calls in flight while no call has returned",
  async () => {
    await using stage = new Stage();
    await using undo = new AsyncDisposableStack();
    const disk = await makeSlowDisk(undo);
    const file = `${disk.folder}/file`;
    await run("dd", "if=/dev/zero", `of=${file}`, "bs=1M", "count=64", "conv=fsync");
    await run("dd", `of=${file}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0");
    await disk.limit(HUNG);
    // What hangs cannot end before, and the cgroup cannot go.
    undo.defer(() => disk.limit(FAST));
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    const job = ["--thread", `--numjobs=${THREADS}`, "--rw=randread", "--bs=4k", "--number_ios=1"];
    const where = [
      `--filename=${file}`,
      "--size=64m",
      "--fadvise_hint=0",
      "--invalidate=0",
      "--randrepeat=0",
    ];
    const enter = [...disk.procs.map((procs) => `echo 0 > ${procs}`), 'exec "$0" "$@"'].join(" && ");
    const fio = stage.copy(PROGRAMS.fio, stage.prefix);
    const words = ["--name=reads", "--startdelay=4s", "--ioengine=psync", ...job, ...where];
    const target = stage.start("sh", ["-c", enter, fio, ...words], stage.cgroup);
    await agent.child.said(/Watching the target mode=full/);

    const begun = await until("reads", () => blockedThreads(target.pid) >= THREADS && monotonicMs());
    assert.equal(await agent.value(IN_FLIGHT), THREADS);
    const waited = (monotonicMs() - begun) / 1000;
    const oldest = await agent.value('ktm_call_oldest_seconds{call="pread64"}');
    assert.ok(oldest! >= waited && oldest! < waited + 60, `${oldest} s, in ${waited} s`);
    assert.equal(await agent.value("ktm_process_blocked_threads"), blockedThreads(target.pid));
    assert.equal(await agent.value("ktm_sys_pread_latency_seconds_count"), 0);

    await disk.limit(FAST);
    const { code } = await target.outcome();
    assert.equal(code, 0);
    assert.equal(await agent.value("ktm_sys_pread_latency_seconds_count"), THREADS);
  },
));
