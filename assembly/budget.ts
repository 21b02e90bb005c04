// Work, counted, so that BTF made to be slow is refused and not waited for.
//
// What a compiler makes is far below the limit: a big object against a kernel's BTF takes some millions.

/** Bytes compared, members looked at and the like in the life of an instance: less than a second. */
const LIMIT: i64 = 1 << 27;

/** What is returned when the budget is exhausted; a code beside those of BtfError and SpecError. */
export const TOO_MUCH_WORK: i32 = -10;

let left: i64 = LIMIT;

export function spend(units: u32): void {
  left -= units;
}

export function exhausted(): bool {
  return left < 0;
}
