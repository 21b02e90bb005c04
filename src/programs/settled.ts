/** Reading values of several CPUs that belong together while the CPUs go on counting. Pure. @module */

/**
 * How often a value is read at most. A CPU that ends a watched call every microsecond leaves the time of one
 * reading undisturbed once in a few times; with many such CPUs each reading takes longer, and the last one is
 * taken as it is.
 */
export const MOST_READINGS = 32;

/**
 * Reads a per-CPU value of counters until each CPU's slot has been the same twice.
 *
 * The kernel copies a slot while its CPU goes on, so one reading can hold a call's bucket and not its duration.
 * Counters only grow: a slot that two readings in a row agree on has stood still between them, so all that it
 * holds was there at one moment.
 *
 * @param read gives all slots, in the same bytes each time if it likes
 * @param cpus the number of slots, all of the same size and made of 64-bit integers
 * @returns the slots; those that never stood still as they were read last
 */
export function readSettled(read: () => Uint8Array<ArrayBuffer>, cpus: number): Uint8Array<ArrayBuffer> {
  const value = read().slice();
  const words = wordsOf(value);
  const size = words.length / cpus;
  let unsettled = Array.from({ length: cpus }, (_, cpu) => cpu * size);
  for (let reading = 1; reading < MOST_READINGS && unsettled.length > 0; reading++) {
    const again = wordsOf(read());
    unsettled = unsettled.filter((start) => takeSlot(again, words, start, start + size));
  }
  return value;
}

/** Comparing numbers of 32 bits is faster than comparing bigints. */
function wordsOf(bytes: Uint8Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Puts a slot in the place of what was read before, and tells whether that was different. */
function takeSlot(again: Uint32Array, words: Uint32Array, start: number, end: number): boolean {
  let isChanged = false;
  for (let at = start; at < end; at++) {
    if (again[at] === words[at]) continue;
    words[at] = again[at]!;
    isChanged = true;
  }
  return isChanged;
}
