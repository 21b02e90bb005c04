/** Where this loader is meant to differ from libbpf 1.1, as data. @module */
import type { Difference } from "./oracle_compare.ts";
import { Refusal } from "./oracle_records.ts";

/** A difference that is meant. */
export interface Exception {
  /** The places, which begin with the object's name. */
  readonly places: RegExp;
  /** How the two may differ; anything else is no exception. */
  readonly isMeant: (expected: unknown, actual: unknown) => boolean;
  readonly reason: string;
}

/** `BPF_F_MMAPABLE`. Source: `include/uapi/linux/bpf.h`. */
const MMAPABLE = 1024;

const onlyLibbpfRefuses = (expected: unknown, actual: unknown) =>
  expected instanceof Refusal && !(actual instanceof Refusal);

/** All of them; one that does not come up any more fails the test. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    places: /: map \.(data|rodata|bss|kconfig)\S* flags$/,
    isMeant: (expected, actual) => typeof actual === "number" && expected === (actual | MMAPABLE),
    reason:
      "libbpf lets user space map global data; here it is read and written by system calls, which every kernel has",
  },
  {
    places: /^missing_\w+: program needs_nothing$/,
    isMeant: onlyLibbpfRefuses,
    reason: "libbpf resolves every extern of an object; here each program has its own, and this one has none",
  },
  {
    places: /^sections: section in_usdt_\w+ type$/,
    isMeant: (_, actual) => actual === 0,
    reason: "USDT is not supported: arguments need code of libbpf's in the program",
  },
  {
    places: /^sections: program in_usdt_\w+$/,
    isMeant: (_, actual) => actual instanceof Refusal,
    reason: "USDT is not supported: arguments need code of libbpf's in the program",
  },
  {
    places: /^places_newer: section \w+ (type|attachType)$/,
    isMeant: (expected, actual) => expected === 0 && typeof actual === "number" && actual > 0,
    reason: "libbpf 1.1 does not know these names of sections, which came with 1.3",
  },
  {
    places: /^places_newer: program \w+$/,
    isMeant: onlyLibbpfRefuses,
    reason: "libbpf 1.1 does not know these names of sections, which came with 1.3",
  },
  {
    places: /^struct_ops$/,
    isMeant: (_, actual) => actual instanceof Refusal,
    reason: "tables of functions for the kernel (struct_ops) are not supported",
  },
];

/** The exception that a difference falls under. */
export function exceptionFor({ place, expected, actual }: Difference): Exception | undefined {
  return EXCEPTIONS.find(({ places, isMeant }) => places.test(place) && isMeant(expected, actual));
}
