/** Changes of fields whose meaning is known. @module */
import type { Field, FieldGroups } from "./btf_fields.ts";
import { INTERESTING, storeLittleEndian } from "./random_mutators.ts";
import type { Random } from "./random.ts";

/** Names that mean something in section names, map definitions and externs. */
const NAMES: readonly string[] = [
  ".maps",
  ".BTF",
  ".BTF.ext",
  ".text",
  ".bss",
  ".data",
  ".rodata",
  ".kconfig",
  ".ksyms",
  "license",
  "maps",
  ".struct_ops",
  "kprobe/x",
  "?tp/a/b",
  "type",
  "key",
  "value",
  "values",
  "max_entries",
  "key_size",
  "value_size",
  "map_extra",
  "pinning",
  "libbpf_tristate",
  "char",
  "__proto__",
  "a___b",
  "0:0",
  "0:1:2",
  "0:4294967295",
  "1:",
  "",
];

function load(bytes: Uint8Array, { at, size }: Field): number {
  let value = 0;
  for (let index = Math.min(size, 4) - 1; index >= 0; index--) value = value << 8 | bytes[at + index]!;
  return value >>> 0;
}

type NewValue = (bytes: Uint8Array, field: Field, group: readonly Field[], random: Random) => number;

const NEW_VALUES: readonly NewValue[] = [
  (_bytes, _field, _group, random) => random.pick(INTERESTING),
  // What another field of that meaning holds is plausible, and so gets further.
  (bytes, _field, group, random) => load(bytes, random.pick(group)),
  (bytes, _field, group, random) => load(bytes, random.pick(group)),
  (bytes, field, _group, random) => load(bytes, field) + random.pick([-8, -1, 1, 8]),
  (_bytes, _field, _group, random) => random.below(32),
  (bytes, field, _group, random) => load(bytes, field) ^ 1 << random.below(Math.min(field.size * 8, 31)),
  (bytes, _field, _group, random) => random.below(bytes.length + 1),
];

/** Puts a name over what is there, from the beginning of a text if there is one nearby. */
function renameText(bytes: Uint8Array, group: readonly Field[], random: Random): void {
  let start = random.below(group.length);
  while (start > 0 && bytes[group[start - 1]!.at] !== 0) start--;
  const text = new TextEncoder().encode(`${random.pick(NAMES)}\0`);
  text.forEach((byte, index) => {
    const place = group[start + index];
    if (place !== undefined) bytes[place.at] = byte;
  });
}

/** Changes one field in place; which one, and to what, is drawn: each meaning is as likely as any other. */
export function mutateField(bytes: Uint8Array, groups: FieldGroups, random: Random): void {
  const meaning = random.pick(Object.keys(groups));
  const group = groups[meaning]!;
  if (meaning.endsWith("text") && random.below(4) > 0) return renameText(bytes, group, random);
  const field = random.pick(group);
  storeLittleEndian(bytes, field.at, field.size, random.pick(NEW_VALUES)(bytes, field, group, random));
}
