import assert from "node:assert/strict";
import { Ledger, type Reading } from "./ledger.ts";

function reading(values: Partial<Reading> = {}): Reading {
  return {
    cpuNs: 0n,
    cpuWaitNs: 0n,
    majorFaults: 0n,
    readBytes: 0n,
    writtenBytes: 0n,
    hasEndedWait: true,
    ...values,
  };
}

Deno.test("a ledger knows nothing before the first reading", () => {
  const ledger = new Ledger();
  assert.equal(ledger.isEmpty, true);
  assert.equal(ledger.totals.cpuNs, undefined);
  ledger.add(reading());
  assert.equal(ledger.isEmpty, false);
  assert.equal(ledger.totals.cpuNs, 0n);
});

Deno.test("a ledger never goes back, and goes on where it was", () => {
  const ledger = new Ledger();
  for (const [cpuNs, expected] of [[100n, 100n], [90n, 100n], [95n, 100n], [120n, 120n]] as const) {
    ledger.add(reading({ cpuNs }));
    assert.equal(ledger.totals.cpuNs, expected);
  }
});

Deno.test("a ledger adds the next process to those before", () => {
  const ledger = new Ledger();
  ledger.add(reading({ cpuNs: 100n, majorFaults: 3n }));
  ledger.nextProcess();
  assert.equal(ledger.totals.cpuNs, 100n);
  ledger.add(reading({ cpuNs: 7n }));
  ledger.nextProcess();
  ledger.add(reading({ cpuNs: 1n, majorFaults: 1n }));
  assert.equal(ledger.totals.cpuNs, 108n);
  assert.equal(ledger.totals.majorFaults, 4n);
});

Deno.test("a ledger does not make up what the kernel does not count", () => {
  const ledger = new Ledger();
  ledger.add(reading({ readBytes: undefined, cpuWaitNs: undefined }));
  ledger.nextProcess();
  ledger.add(reading({ readBytes: undefined, cpuWaitNs: undefined }));
  assert.equal(ledger.totals.readBytes, undefined);
  assert.equal(ledger.totals.cpuWaitNs, undefined);
  assert.equal(ledger.totals.writtenBytes, 0n);
});

Deno.test("time waited goes on at once where ended threads take theirs with them", () => {
  const ledger = new Ledger();
  const read = (cpuWaitNs: bigint, hasEndedWait: boolean) => {
    ledger.add(reading({ cpuWaitNs, hasEndedWait }));
    return ledger.totals.cpuWaitNs;
  };
  assert.equal(read(100n, false), 100n);
  assert.equal(read(40n, false), 100n);
  assert.equal(read(45n, false), 105n);
  // Where the process keeps it, less is a thread that ended during the reading.
  assert.equal(read(30n, true), 105n);
  assert.equal(read(50n, true), 110n);
});

Deno.test("a ledger is exact to the last of 64 bits", () => {
  const ledger = new Ledger();
  ledger.add(reading({ writtenBytes: 2n ** 64n - 1n }));
  assert.equal(ledger.totals.writtenBytes, 18446744073709551615n);
  // More would be taken by no recorder.
  ledger.nextProcess();
  ledger.add(reading({ writtenBytes: 3n }));
  assert.equal(ledger.totals.writtenBytes, 2n);
});
