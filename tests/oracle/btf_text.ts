/**
 * BTF as text, a line a type, with names in place of their offsets: two blobs that mean the same have the same text.
 *
 * Written apart from `src/elf`, whose BTF is looked at with it. Format: Documentation/bpf/btf.rst of Linux.
 *
 * @module
 */

/** What follows a type's first three words. */
interface Shape {
  readonly kind: string;
  /** Words that follow once. */
  readonly fixed?: number;
  /** Words of each member, parameter, enumerator or variable. */
  readonly each?: number;
  /** Whether the first of these is a name. */
  readonly named?: boolean;
}

/** By the number of the kind. */
const SHAPES: readonly Shape[] = [
  { kind: "void" },
  { kind: "int", fixed: 1 },
  { kind: "ptr" },
  { kind: "array", fixed: 3 },
  { kind: "struct", each: 3, named: true },
  { kind: "union", each: 3, named: true },
  { kind: "enum", each: 2, named: true },
  { kind: "fwd" },
  { kind: "typedef" },
  { kind: "volatile" },
  { kind: "const" },
  { kind: "restrict" },
  { kind: "func" },
  { kind: "func_proto", each: 2, named: true },
  { kind: "var", fixed: 1 },
  { kind: "datasec", each: 3, named: false },
  { kind: "float" },
  { kind: "decl_tag", fixed: 1 },
  { kind: "type_tag" },
  { kind: "enum64", each: 3, named: true },
];

/** Of functions the field of the length is the linkage. */
const LENGTH_MASK = 0xffff;

/**
 * The types of BTF, the first of which has the id 1: kind with flag and length, name, size or type, then the words
 * of each element.
 *
 * @param hex the blob in hexadecimal; empty if there is none
 */
export function btfLines(hex: string): string[] {
  if (hex === "") return [];
  const bytes = Uint8Array.fromHex(hex);
  const view = new DataView(bytes.buffer);
  const [header, typesAt, typesSize, stringsAt] = [4, 8, 12, 16].map((at) => view.getUint32(at, true));
  const strings = bytes.subarray(header! + stringsAt!);
  const name = (offset: number) =>
    new TextDecoder().decode(strings.subarray(offset, strings.indexOf(0, offset)));
  const end = header! + typesAt! + typesSize!;
  const lines: string[] = [];
  let at = header! + typesAt!;
  const word = () => view.getUint32((at += 4) - 4, true);
  while (at < end) {
    const [nameAt, info, sizeOrType] = [word(), word(), word()];
    const { kind, fixed = 0, each = 0, named } = SHAPES[info >>> 24 & 0x1f]!;
    const length = info & LENGTH_MASK;
    const head = `${kind}${info >>> 31 === 0 ? "" : " flagged"} ${length} "${name(nameAt)}" ${sizeOrType}`;
    const fixedWords = Array.from({ length: fixed }, word);
    const elements = Array.from({ length: each === 0 ? 0 : length }, () => {
      const [first, ...rest] = Array.from({ length: each }, word);
      return [named ? `"${name(first!)}"` : first, ...rest].join(" ");
    });
    lines.push([[head, ...fixedWords].join(" "), ...elements].join("; "));
  }
  return lines;
}
