/** Binary search. @module */

/**
 * The first of so many indexes that is not before what is looked for.
 *
 * @param length the number of indexes
 * @param isBefore true for the first of them, and false from some index on
 * @returns that index, or `length` if there is none
 */
export function firstIndex(length: number, isBefore: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = low + high >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
