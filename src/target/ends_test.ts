import assert from "node:assert/strict";
import { flatLayout, parseObject } from "../elf/mod.ts";
import type { BpfObject } from "../loader/mod.ts";
import { EndLog, endOf, type EndRecord, MOST_ENDS, readEnd, TargetEnds } from "./ends.ts";
import { processId } from "../syscall/mod.ts";
import { TARGET_OBJECT } from "./object.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

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

const { btf } = parseObject(TARGET_OBJECT);
const LAYOUT = flatLayout(btf, "process_end");

/** A record as the programs write it. */
function bytesOf(record: EndRecord): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(...LAYOUT.values().map(([at, size]) => at + size))));
  const view = new DataView(bytes.buffer);
  const put = (name: string, value: bigint) => {
    const [offset, size] = LAYOUT.get(name)!;
    if (size === 8) view.setBigUint64(offset, value, true);
    else view.setUint32(offset, Number(value), true);
  };
  put("start_ns", record.startNs);
  put("end_ns", record.endNs);
  put("tgid", BigInt(record.tgid));
  put("pid", BigInt(record.pid));
  put("status", BigInt(record.status));
  put("is_oom_kill", BigInt(record.isOomKill));
  bytes.set(new TextEncoder().encode(record.comm), LAYOUT.get("comm[0]")![0]);
  return bytes;
}

Deno.test("readEnd() finds every field where the object's types have it", () => {
  const record = { ...RECORD, status: 9, isOomKill: true };
  assert.deepEqual(readEnd(bytesOf(record), LAYOUT), record);
  assert.throws(
    () => readEnd(bytesOf(record), new Map()),
    /^RangeError: Cannot read how a process ended: no field /,
  );
});

/** An object whose programs have noted these ends, and when the OOM killer chose which process. */
function fakeObject(records: EndRecord[], victims: Map<number, bigint>): BpfObject {
  const numberOf = (key: Uint8Array) => new DataView(key.buffer).getUint32(0, true);
  const maps = {
    ktm_ends: {
      pop: () => {
        const record = records.shift();
        return record && bytesOf(record);
      },
    },
    ktm_oom_victims: {
      lookup: (key: Uint8Array) => {
        const chosenNs = victims.get(numberOf(key));
        return chosenNs === undefined ? undefined : new Uint8Array(BigUint64Array.of(chosenNs).buffer);
      },
      delete: (key: Uint8Array) => victims.delete(numberOf(key)),
    },
  };
  return { spec: { btf }, map: (name: keyof typeof maps) => maps[name] } as unknown as BpfObject;
}

Deno.test("TargetEnds takes a process for a victim that ended before the kernel told so, and counts it", () => {
  const killed = { ...RECORD, status: 9 };
  const records = [
    killed,
    // Chosen before it began: the number was another process's.
    { ...killed, tgid: 1, startNs: 100n },
    // Ended in another way.
    { ...killed, tgid: 2, status: 15 },
    // Counted by the program.
    { ...killed, tgid: 3, isOomKill: true },
  ];
  const ends = new TargetEnds(
    fakeObject(records, new Map([[RECORD.tgid, RECORD.startNs + 1n], [1, 99n], [2, 1n << 60n]])),
    Deno.pid,
  );
  assert.equal(ends.lateOomKills, 1n);
  assert.deepEqual(ends.list().map(({ how }) => how), ["oom", "signal", "signal", "oom"]);
  assert.equal(ends.lateOomKills, 1n);
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
