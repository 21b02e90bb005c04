import assert from "node:assert/strict";
import { flatLayout, parseObject } from "../../elf/mod.ts";
import { EndLog, endOf, type EndRecord, MOST_ENDS, readEnd } from "./ends.ts";
import { IOMONITOR_OBJECT } from "./object.ts";

const NO_OFFSETS = { monotonic: 0n, boottime: 0n };

const RECORD: EndRecord = {
  startNs: 12_345_678_901n,
  endNs: 2_500_000n,
  comm: "banyand",
  tgid: 4711,
  pid: 7,
  status: 0,
  isOomKill: false,
};

function cause(status: number, isOomKill = false) {
  const { comm: _comm, startTime: _start, pid: _pid, monotonicMs: _end, ...cause } = endOf(
    { ...RECORD, status, isOomKill },
    NO_OFFSETS,
    RECORD.pid,
  );
  return cause;
}

Deno.test("endOf() takes the status of wait(2) apart, as its macros do", () => {
  // `man 2 wait`; the numbers are those of include/uapi/asm-generic/wait.h and bits/waitstatus.h.
  assert.deepEqual(cause(0), { how: "exit", status: 0 });
  assert.deepEqual(cause(0xff00), { how: "exit", status: 255 });
  assert.deepEqual(cause(11), { how: "signal", signal: 11, dumpedCore: false });
  assert.deepEqual(cause(0x80 | 6), { how: "signal", signal: 6, dumpedCore: true });
  assert.deepEqual(cause(9, true), { how: "oom", signal: 9, dumpedCore: false });
});

Deno.test("endOf() gives times in the clocks of this process's time namespace", () => {
  const { startTime, monotonicMs } = endOf(
    RECORD,
    { monotonic: 1_000_000_000n, boottime: -10_000_000_000n },
    7,
  );
  assert.equal(startTime, 234n);
  assert.equal(monotonicMs, 1002.5);
});

Deno.test("readEnd() finds every field where the object's types have it", () => {
  const layout = flatLayout(parseObject(IOMONITOR_OBJECT).btf, "process_end");
  const bytes = new Uint8Array(new ArrayBuffer(64));
  const view = new DataView(bytes.buffer);
  const put = (name: string, value: bigint) => {
    const [offset, size] = layout.get(name)!;
    if (size === 8) view.setBigUint64(offset, value, true);
    else view.setUint32(offset, Number(value), true);
  };
  put("start_ns", RECORD.startNs);
  put("end_ns", RECORD.endNs);
  put("tgid", 4711n);
  put("pid", 7n);
  put("status", 9n);
  put("is_oom_kill", 1n);
  bytes.set(new TextEncoder().encode("banyand"), layout.get("comm[0]")![0]);
  assert.deepEqual(readEnd(bytes, layout), { ...RECORD, status: 9, isOomKill: true });
  assert.throws(() => readEnd(bytes, new Map()), /^RangeError: Cannot read how a process ended: no field /);
});

Deno.test("EndLog has each process once, an OOM kill if either report says so, and the newest last", () => {
  const log = new EndLog();
  log.add({ ...RECORD, status: 9 });
  log.add({ ...RECORD, tgid: 1, pid: 1 });
  log.add({ ...RECORD, status: 9, isOomKill: true });
  // The number again, of a process that began later.
  log.add({ ...RECORD, startNs: RECORD.startNs + 10_000_000n });
  const known = log.list().map(({ pid, isOomKill }) => [pid, isOomKill]);
  assert.deepEqual(known, [[7, true], [1, false], [7, false]]);
});

Deno.test("EndLog forgets the oldest", () => {
  const log = new EndLog();
  for (let pid = 1; pid <= MOST_ENDS + 2; pid++) log.add({ ...RECORD, tgid: pid, pid });
  const pids = log.list().map(({ pid }) => pid);
  assert.equal(pids.length, MOST_ENDS);
  assert.deepEqual([pids[0], pids.at(-1)], [3, MOST_ENDS + 2]);
});
