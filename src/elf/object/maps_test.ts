import assert from "node:assert/strict";
import { parseBtf } from "../btf/btf.ts";
import { BtfBuilder } from "../btf/testing_btf.ts";
import { SectionType } from "../elf.ts";
import { buildElf, relocationEntries } from "../testing_elf.ts";
import { objectError } from "../testing_error.ts";
import { type MapSpec, parseMaps } from "./maps.ts";
import { parseObject } from "./object.ts";

const NO_ELF = { sections: [], symbols: [], relocations: new Map() };

/** The map `m` whose definition has these members, each made by a callback. */
function mapOf(members: Readonly<Record<string, (btf: BtfBuilder) => number>>): MapSpec {
  const btf = new BtfBuilder();
  btf.int("int", 4);
  const definition = btf.struct(
    "",
    64,
    Object.entries(members).map(([name, type], index) => [name, type(btf), index * 64]),
  );
  btf.dataSection(".maps", [[btf.variable("m", definition), 0, 64]]);
  return parseMaps(NO_ELF, parseBtf(btf.build()))[0]!;
}

const uint = (value: number) => (btf: BtfBuilder) => btf.pointer(btf.array(1, value));
const type = (build: (btf: BtfBuilder) => number) => (btf: BtfBuilder) => btf.pointer(build(btf));

Deno.test("parseMaps() reads every attribute, sizes also from types behind typedefs", () => {
  const { keyType, valueType, ...spec } = mapOf({
    type: uint(9),
    max_entries: uint(70000),
    map_flags: uint(1),
    numa_node: uint(2),
    map_extra: uint(3),
    pinning: uint(0),
    key: type((btf) => btf.typedef("key", btf.struct("k", 12, []))),
    value: type((btf) => btf.array(btf.int("u64", 8), 5)),
  });
  assert.deepEqual(spec, {
    name: "m",
    type: 9,
    keySize: 12,
    valueSize: 40,
    maxEntries: 70000,
    flags: 1,
    numaNode: 2,
    mapExtra: 3n,
    slots: [],
  });
  assert.ok(keyType > 0 && valueType > 0);
});

Deno.test("parseMaps() reads sizes without types", () => {
  const spec = mapOf({ type: uint(27), key_size: uint(8), value_size: uint(16) });
  assert.deepEqual([spec.keySize, spec.valueSize, spec.keyType, spec.valueType], [8, 16, 0, 0]);
});

Deno.test("parseMaps() gives an object without maps none", () => {
  assert.deepEqual(parseMaps(NO_ELF, parseBtf(new BtfBuilder().build())), []);
});

Deno.test("parseMaps() rejects attributes that are unknown, of the wrong form, or missing", () => {
  const rejected = (members: Parameters<typeof mapOf>[0]) => {
    const { section, message } = objectError(() => mapOf(members));
    assert.equal(section, ".maps");
    return message;
  };
  assert.match(
    rejected({ type: uint(1), pinning: uint(1) }),
    /map m: pinning is not supported; nothing is pinned/,
  );
  assert.match(rejected({ type: uint(1), toString: uint(1) }), /the attribute toString is not supported/);
  assert.match(rejected({ type: () => 1 }), /map m: type is not a __uint\(\)/);
  assert.match(rejected({ type: uint(1), key: () => 1 }), /map m: key is not a __type\(\)/);
  assert.match(rejected({ max_entries: uint(1) }), /map m has no type/);
  assert.match(
    rejected({ type: uint(1), key_size: uint(8), key: type((btf) => btf.int("u32", 4)) }),
    /map m: keySize is both 8 and 4/,
  );
});

Deno.test("parseMaps() rejects what is no variable, or no structure", () => {
  const notVariable = new BtfBuilder();
  notVariable.dataSection(".maps", [[notVariable.int("int", 4), 0, 4]]);
  assert.match(
    objectError(() => parseMaps(NO_ELF, parseBtf(notVariable.build()))).message,
    /is not a variable/,
  );
  const notStruct = new BtfBuilder();
  notStruct.dataSection(".maps", [[notStruct.variable("m", notStruct.int("int", 4)), 0, 4]]);
  assert.match(
    objectError(() => parseMaps(NO_ELF, parseBtf(notStruct.build()))).message,
    /m is not a structure/,
  );
});

Deno.test("parseMaps() rejects an attribute that is given twice", () => {
  const btf = new BtfBuilder();
  btf.int("int", 4);
  const definition = btf.struct("", 16, [["type", uint(1)(btf), 0], ["type", uint(2)(btf), 64]]);
  btf.dataSection(".maps", [[btf.variable("m", definition), 0, 16]]);
  const { message } = objectError(() => parseMaps(NO_ELF, parseBtf(btf.build())));
  assert.match(message, /map m: the attribute type is there twice/);
});

Deno.test("parseMaps() rejects maps of maps in maps of maps", () => {
  const btf = new BtfBuilder();
  btf.int("int", 4);
  const inner = btf.struct("", 8, [["type", uint(1)(btf), 0]]);
  const values = btf.array(btf.pointer(inner), 0);
  const outer = btf.struct("", 16, [["type", uint(12)(btf), 0], ["values", values, 64]]);
  btf.dataSection(".maps", [[btf.variable("a", outer), 0, 16], [btf.variable("b", outer), 16, 16]]);
  const rel = relocationEntries([[8, 2, 2]]);
  const object = buildElf([
    { name: ".BTF", type: SectionType.PROGBITS, data: btf.build() },
    { name: ".maps", type: SectionType.PROGBITS, data: new Uint8Array(32) },
    { name: ".rel.maps", type: SectionType.REL, data: rel, info: 2 },
  ], [
    { name: "a", info: 0x11, section: 2, value: 0, size: 16 },
    { name: "b", info: 0x11, section: 2, value: 16, size: 16 },
  ]);
  assert.match(objectError(() => parseObject(object)).message, /map a: b in it is a map of maps, too/);
});
