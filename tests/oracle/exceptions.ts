/** Where this loader is meant to differ from libbpf 1.1, as data. @module */
import { isDeepStrictEqual } from "node:util";
import type { Difference } from "./compare.ts";
import { Refusal } from "./records.ts";

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

const BTF_TYPE = /: BTF type \d+$/;

/** A difference between two types, as `btf_text.ts` has them, either of which may be missing. */
const types =
  (isMeant: (expected: string, actual: string) => boolean) => (expected: unknown, actual: unknown) =>
    isMeant(String(expected ?? ""), String(actual ?? ""));

const POINTER_TO_NOTHING = 'ptr 0 "" 0';

/** Functions of the kernel that the objects call, and variables. */
const KERNEL_FUNCTION = /^func 1 "(bpf_\w+|no_such_function|twin_function|virtblk_done)" \d+$/;
const KERNEL_VARIABLE = /^var 0 "(runqueues|bpf_prog_active|no_such_\w+|vfs_read)" \d+ 1$/;
const KERNEL_SECTION = /^datasec \d+ "\.ksyms" \d+(; \d+ \d+ 4)*$/;

/** All of them; one that does not come up any more fails the test. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    places: /: map \.(rodata\.cst\d+|(bss|data)\S*) flags$/,
    isMeant: (expected, actual) => typeof expected === "number" && actual === (expected | MMAPABLE),
    reason:
      "libbpf shares sections only if they have a variable with a name that is not static; here all are alike",
  },
  {
    places: /: map \.(data|rodata|bss|kconfig)\S* kernelName$/,
    isMeant: (expected, actual) => String(expected).endsWith(String(actual).slice(0, 15)),
    reason:
      "libbpf puts the object's name before that of the section, for which an object in memory has none",
  },
  {
    places: /: program \w+ kernelVersion$/,
    isMeant: (_, actual) => actual === 0,
    reason: "no kernel looks at it since 5.0 (6c4fc209fcf9)",
  },
  {
    places: /^module_types: program call_other modules$/,
    isMeant: (expected, actual) =>
      isDeepStrictEqual(expected, { 4: "nf_conntrack" }) &&
      isDeepStrictEqual(actual, { 0: "nf_conntrack", 4: "nf_conntrack" }),
    reason: "libbpf 1.1 leaves out the module where the address of its function is taken; later ones do not",
  },
  {
    places: BTF_TYPE,
    isMeant: types((expected, actual) =>
      actual === POINTER_TO_NOTHING &&
      [KERNEL_FUNCTION, KERNEL_VARIABLE, KERNEL_SECTION].some((meant) => meant.test(expected))
    ),
    reason:
      "libbpf makes what the kernel has (.ksyms) look like the object's own; nothing refers to it any more",
  },
  {
    places: BTF_TYPE,
    isMeant: types((expected, actual) => /^var 0 "dummy_ksym" \d+ 1$/.test(expected) && actual === ""),
    reason: "what libbpf puts in the place of the kernel's functions in .ksyms, which is not there",
  },
  {
    places: BTF_TYPE,
    isMeant: types((expected, actual) => expected.replaceAll('"dummy_ksym"', '""') === actual),
    reason: "libbpf names the parameters of the kernel's functions, for it leaves these in the BTF",
  },
  {
    places: BTF_TYPE,
    isMeant: types((expected, actual) => /^int 0 "\w+" 1 8$/.test(expected) && actual === POINTER_TO_NOTHING),
    reason: "in place of a tag, to which nothing refers, before 5.16",
  },
  {
    places: BTF_TYPE,
    isMeant: types((expected, actual) => {
      const [, name, size] = /^union \d+ ("\w*") (\d+)(; "\w+" \d+ 0)*$/.exec(expected) ?? [];
      return actual === `struct 0 ${name} ${size}`;
    }),
    reason:
      "in place of an enumeration of 64 bits, before 6.0: libbpf keeps the names of enumerators as members",
  },
  {
    places: BTF_TYPE,
    isMeant: types((expected, actual) => expected === 'int 0 "enum64_placeholder" 1 8' && actual === ""),
    reason: "the type of those members",
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
