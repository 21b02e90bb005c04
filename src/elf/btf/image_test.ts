import assert from "node:assert/strict";
import type { ExternSpecs } from "../object/externs.ts";
import { BtfKind, BtfLinkage, intEncoding, linkageOf, parseBtf } from "./btf.ts";
import { btfForKernel } from "./image.ts";
import { BtfBuilder } from "./testing_btf.ts";

const NO_EXTERNS: ExternSpecs = { kconfig: [], kconfigSize: 0, kconfigType: 0, ksyms: [] };

/** The types after the rewrite, for a kernel that knows some of the newer kinds. */
function rewritten(
  build: (btf: BtfBuilder) => unknown,
  { known = [], hidden = [], externs = NO_EXTERNS }: {
    known?: readonly number[];
    hidden?: readonly string[];
    externs?: ExternSpecs;
  } = {},
) {
  const btf = new BtfBuilder();
  build(btf);
  return parseBtf(
    btfForKernel(parseBtf(btf.build()), externs, new Set(hidden), (kind) => known.includes(kind)),
  );
}

const kinds = ({ types }: ReturnType<typeof parseBtf>) => types.slice(1).map(({ kind }) => kind);

/** One type of each of the newer kinds after an `int`, and a structure that uses them. */
function newer(btf: BtfBuilder): void {
  const int = btf.int("int", 4);
  const float = btf.add("long double", BtfKind.FLOAT << 24, 8);
  const wide = btf.enumeration64("wide", [["LARGE", 1n << 40n]]);
  const tagged = btf.add("user", BtfKind.TYPE_TAG << 24, int);
  const struct = btf.struct("s", 24, [["f", float, 0], ["w", wide, 64], ["t", btf.pointer(tagged), 128]]);
  btf.add("note", BtfKind.DECL_TAG << 24, struct, [-1]);
  btf.struct("after", 4, [["x", int, 0]]);
}

Deno.test("btfForKernel() gives a kernel that knows every kind the blob as it is", () => {
  const btf = new BtfBuilder();
  newer(btf);
  const bytes = btf.build();
  const known = () => true;
  assert.deepEqual(btfForKernel(parseBtf(bytes), NO_EXTERNS, new Set(), known), bytes);
});

Deno.test("btfForKernel() replaces kinds that a kernel does not know by types of the same ids and sizes", () => {
  const { INT, STRUCT, CONST, PTR } = BtfKind;
  const btf = rewritten(newer);
  assert.deepEqual(kinds(btf), [INT, STRUCT, STRUCT, CONST, PTR, STRUCT, PTR, STRUCT]);
  const [, , float, wide] = btf.types;
  assert.deepEqual([float!.name, float!.sizeOrType, wide!.name, wide!.sizeOrType], ["", 8, "wide", 8]);
  assert.deepEqual(btf.types[6]!.members.map(({ name, type }) => [name, type]), [["f", 2], ["w", 3], [
    "t",
    5,
  ]]);
  assert.equal(btf.types[8]!.members[0]!.name, "x");
  assert.equal(intEncoding(btf, btf.types[1]!).bits, 32);
});

Deno.test("btfForKernel() replaces only what is unknown", () => {
  const { INT, FLOAT, STRUCT, CONST, PTR } = BtfKind;
  assert.deepEqual(kinds(rewritten(newer, { known: [FLOAT] })), [
    INT,
    FLOAT,
    STRUCT,
    CONST,
    PTR,
    STRUCT,
    PTR,
    STRUCT,
  ]);
});

Deno.test("btfForKernel() makes signed enumerations unsigned for kernels without those of 64 bits", () => {
  const signed = (btf: BtfBuilder) => btf.enumeration("e", [["MINUS", -1]]);
  const flag = (btf: ReturnType<typeof parseBtf>) => btf.section.readU32(btf.types[1]!.offset + 4) >>> 31;
  assert.deepEqual([flag(rewritten(signed)), flag(rewritten(signed, { known: [BtfKind.ENUM64] }))], [0, 1]);
});

Deno.test("btfForKernel() drops the kernel's own symbols, and tags on them", () => {
  const btf = rewritten((btf) => {
    const extern = btf.add("jiffies", BtfKind.VAR << 24, btf.int("long", 8), [BtfLinkage.EXTERN]);
    btf.add("kfunc", BtfKind.DECL_TAG << 24, extern, [-1]);
    btf.dataSection(".ksyms", [[extern, 0, 8]]);
  }, { known: [BtfKind.DECL_TAG] });
  assert.deepEqual(kinds(btf), [BtfKind.INT, BtfKind.PTR, BtfKind.PTR, BtfKind.PTR]);
});

Deno.test("btfForKernel() puts options where the map has them, in order, as variables of the object", () => {
  const option = { weak: false, type: "integer", signed: false, size: 4 } as const;
  const externs: ExternSpecs = {
    ...NO_EXTERNS,
    kconfig: [{ ...option, name: "CONFIG_B", offset: 0 }, { ...option, name: "CONFIG_A", offset: 4 }],
    kconfigSize: 8,
  };
  const btf = rewritten((btf) => {
    const int = btf.int("int", 4);
    const [a, b] = ["CONFIG_A", "CONFIG_B"].map((name) =>
      btf.add(name, BtfKind.VAR << 24, int, [BtfLinkage.EXTERN])
    );
    btf.dataSection(".kconfig", [[a!, 0, 4], [b!, 0, 4]]);
  }, { externs });
  const section = btf.types.at(-1)!;
  assert.equal(section.sizeOrType, 8);
  assert.deepEqual(section.variables.map(({ type, offset }) => [btf.types[type]!.name, offset]), [
    ["CONFIG_B", 0],
    ["CONFIG_A", 4],
  ]);
  assert.equal(linkageOf(btf, btf.types[2]!), BtfLinkage.GLOBAL);
});

Deno.test("btfForKernel() makes hidden functions and variables static", () => {
  const build = (btf: BtfBuilder) => {
    const proto = btf.add("", BtfKind.FUNC_PROTO << 24, 0);
    for (const name of ["seen", "hidden"]) btf.add(name, BtfKind.FUNC << 24 | BtfLinkage.GLOBAL, proto);
    const int = btf.int("int", 4);
    for (const name of ["shown", "concealed"]) btf.add(name, BtfKind.VAR << 24, int, [BtfLinkage.GLOBAL]);
  };
  const btf = rewritten(build, { hidden: ["hidden", "concealed"] });
  const { GLOBAL, STATIC } = BtfLinkage;
  assert.deepEqual([2, 3, 5, 6].map((id) => linkageOf(btf, btf.types[id]!)), [
    GLOBAL,
    STATIC,
    GLOBAL,
    STATIC,
  ]);
});
