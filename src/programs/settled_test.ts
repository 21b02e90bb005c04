import assert from "node:assert/strict";
import { MOST_READINGS, readSettled } from "./settled.ts";

/** Gives one reading after the other in the same bytes, as a map does; the last one over and over. */
function reader(
  ...readings: readonly (readonly bigint[])[]
): { read: () => Uint8Array<ArrayBuffer>; calls: number } {
  const bytes = new BigUint64Array(readings[0]!.length);
  const state = {
    calls: 0,
    read: () => {
      bytes.set(readings[Math.min(state.calls++, readings.length - 1)]!);
      return new Uint8Array(bytes.buffer);
    },
  };
  return state;
}

function settled(readings: readonly (readonly bigint[])[], cpus: number): bigint[] {
  return [...new BigUint64Array(readSettled(reader(...readings).read, cpus).buffer)];
}

Deno.test("readSettled() reads twice what stands still", () => {
  const still = reader([1n, 2n, 3n, 4n]);
  assert.deepEqual([...new BigUint64Array(readSettled(still.read, 2).buffer)], [1n, 2n, 3n, 4n]);
  assert.equal(still.calls, 2);
});

Deno.test("readSettled() reads on until nothing has changed between two readings", () => {
  // A bucket and a sum of durations; the first reading came between the two.
  assert.deepEqual(settled([[1n, 0n], [1n, 70n], [2n, 70n], [2n, 150n], [2n, 150n], [9n, 9n]], 1), [
    2n,
    150n,
  ]);
});

Deno.test("readSettled() notices a change in either half of a number, and in the last one", () => {
  assert.deepEqual(settled([[0n, 1n], [0n, 1n << 32n], [0n, 2n << 32n], [0n, 2n << 32n]], 1), [
    0n,
    2n << 32n,
  ]);
});

Deno.test("readSettled() takes each slot from the moment at which it stood still", () => {
  const readings = [[1n, 0n, 5n, 5n], [1n, 10n, 5n, 5n], [1n, 10n, 6n, 5n], [2n, 10n, 6n, 6n], [
    2n,
    11n,
    6n,
    6n,
  ]];
  assert.deepEqual(settled(readings, 2), [1n, 10n, 5n, 5n]);
  assert.deepEqual(settled([[0n, 5n], [1n, 6n], [2n, 6n], [2n, 7n]], 2), [2n, 6n]);
});

Deno.test("readSettled() gives the last reading of what never stands still", () => {
  let calls = 0n;
  const value = readSettled(() => new Uint8Array(BigUint64Array.of(++calls, 7n).buffer), 2);
  assert.deepEqual([...new BigUint64Array(value.buffer)], [BigInt(MOST_READINGS), 7n]);
  assert.equal(calls, BigInt(MOST_READINGS));
});

Deno.test("readSettled() does not hand out the bytes that it reads into", () => {
  const still = reader([1n], [1n], [2n]);
  const value = readSettled(still.read, 1);
  still.read();
  assert.deepEqual([...new BigUint64Array(value.buffer)], [1n]);
});
