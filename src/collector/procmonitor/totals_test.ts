import assert from "node:assert/strict";
import { flatLayout, parseObject } from "../../elf/mod.ts";
import { isHistogram } from "../../metrics/mod.ts";
import { callsOf } from "../../programs/mod.ts";
import { IOMONITOR } from "../iomonitor/mod.ts";
import { MOST_CALLS } from "./calls.ts";
import { PROCMONITOR_OBJECT } from "./object.ts";
import { counterSamples, decodeTotals, stateSamples } from "./totals.ts";

const LAYOUT = flatLayout(parseObject(PROCMONITOR_OBJECT).btf, "process_totals");
const SIZE = Math.max(...[...LAYOUT.values()].map(([offset, size]) => offset + size));

/** A structure with some fields set. */
function encoded(fields: Readonly<Record<string, bigint>>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(SIZE));
  const view = new DataView(bytes.buffer);
  for (const [name, value] of Object.entries(fields)) view.setBigUint64(LAYOUT.get(name)![0], value, true);
  return bytes;
}

Deno.test("decodeTotals() finds each number in its place", () => {
  const totals = decodeTotals(
    encoded({
      start_ns: 1n,
      now_boot_ns: 13n,
      cpu_ns: 2n ** 64n - 1n,
      cpu_wait_ns: 3n,
      has_cpu_wait: 1n,
      ended_wait_ns: 4n,
      major_faults: 5n,
      read_bytes: 6n,
      written_bytes: 7n,
      has_io: 1n,
      threads: 8n,
      seen: 9n,
      blocked: 10n,
      [`calls[${MOST_CALLS - 1}]`]: 11n,
      "oldest_ns[1]": 12n,
    }),
    LAYOUT,
  )!;
  const { calls, ...rest } = totals;
  assert.deepEqual(rest, {
    startNs: 1n,
    nowNs: 13n,
    cpuNs: 18446744073709551615n,
    cpuWaitNs: 3n,
    hasEndedWait: true,
    majorFaults: 5n,
    readBytes: 6n,
    writtenBytes: 7n,
    threads: 8n,
    seen: 9n,
    blocked: 10n,
  });
  assert.equal(calls.length, MOST_CALLS);
  assert.deepEqual(calls.at(-1), { inFlight: 11n, oldestNs: 0n });
  assert.deepEqual(calls[1], { inFlight: 0n, oldestNs: 12n });
});

Deno.test("decodeTotals() leaves out what the kernel does not count", () => {
  const totals = decodeTotals(encoded({ threads: 1n }), LAYOUT)!;
  assert.equal(totals.cpuWaitNs, undefined);
  assert.equal(totals.readBytes, undefined);
  assert.equal(totals.writtenBytes, undefined);
  const names = counterSamples(totals).map(({ family }) => family.name);
  assert.deepEqual(names, ["ktm_process_cpu_seconds_total", "ktm_process_major_faults_total"]);
});

Deno.test("decodeTotals() takes nothing for no thread, and less than a structure for an error", () => {
  assert.equal(decodeTotals(new Uint8Array(new ArrayBuffer(0)), LAYOUT), undefined);
  for (const length of [1, SIZE - 1, SIZE + 8, 2 * SIZE]) {
    assert.throws(() => decodeTotals(new Uint8Array(new ArrayBuffer(length)), LAYOUT), {
      name: "RangeError",
      message: `Cannot read the threads: the iterator wrote ${length} bytes, not ${SIZE}`,
    });
  }
});

Deno.test("stateSamples() has a sample of each call that is watched, and of no other", () => {
  const totals = decodeTotals(encoded({ "calls[0]": 50n, "oldest_ns[0]": 9n, "calls[5]": 1n }), LAYOUT)!;
  const calls = callsOf(IOMONITOR.probes).slice(0, 2)
    .map((call, slot) => ({ call, slot, labels: { call: call.call } }));
  const samples = stateSamples(totals, calls).filter(({ labels }) => "call" in labels);
  assert.deepEqual(
    samples.map((sample) => [sample.family.name, sample.labels.call, !isHistogram(sample) && sample.value]),
    [
      ["ktm_calls_in_flight", "read", 50n],
      ["ktm_calls_in_flight", "pread64", 0n],
      ["ktm_call_oldest_seconds", "read", 9n],
      ["ktm_call_oldest_seconds", "pread64", 0n],
    ],
  );
});
