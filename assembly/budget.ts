// Work, counted, so that BTF made to be slow is refused and not waited for.
//
// What a compiler makes is far below the limit: a big object against a kernel's BTF takes some millions.

/** Bytes compared, members looked at and the like in the life of an instance: about half a second. */
const LIMIT: i64 = 1 << 26;

/** What is returned when the budget is exhausted; a code beside those of BtfError and SpecError. */
export const TOO_MUCH_WORK: i32 = -10;

/** Finding a type by its id takes this many times as long as a comparison of bytes. */
export const TYPE_WORK: u32 = 8;

let left: i64 = LIMIT;

export function spend(units: u32): void {
  left -= units;
}

export function exhausted(): bool {
  return left < 0;
}
