import assert from "node:assert/strict";
import iomonitor from "../../../bpf/iomonitor.bpf.o" with { type: "bytes" };
import { LINE_WORDS } from "../code/line_info.ts";
import { relocateProgram, wantRelocatedTypes } from "../code/relocate.ts";
import { BtfError, CoreEngine } from "../core.ts";
import { ObjectError } from "../object_error.ts";
import { objectError } from "../testing_error.ts";
import { type ObjectSpec, parseObject } from "./object.ts";
import { buildObject, SAMPLE } from "./testing_object.ts";

Deno.test("parseObject() reads license, maps, data and programs", () => {
  const { license, maps, data, programs } = parseObject(buildObject());
  assert.equal(license, "GPL");
  assert.equal(maps.length, 1);
  const { name, type, keySize, valueSize, maxEntries, flags } = maps[0]!;
  assert.deepEqual({ name, type, keySize, valueSize, maxEntries, flags }, {
    name: "counters",
    type: SAMPLE.mapType,
    keySize: 4,
    valueSize: SAMPLE.valueSize,
    maxEntries: SAMPLE.maxEntries,
    flags: 0,
  });
  assert.deepEqual(data.map(({ name, readOnly, content }) => [name, readOnly, [...content]]), [
    [".rodata", true, [1, 0, 0, 0, 2, 0, 0, 0]],
    [".bss", false, Array(16).fill(0)],
  ]);
  const { offset, size } = data[0]!.variables.get("second")!;
  assert.deepEqual([offset, size], [SAMPLE.constantOffset, 4]);
  assert.equal(programs.length, 1);
  const program = programs[0]!;
  assert.deepEqual([program.name, program.kind?.prefix, program.target], [
    SAMPLE.program,
    "tp_btf",
    "sys_enter",
  ]);
  assert.deepEqual(program.relocations.map(({ offset, symbol }) => [offset, symbol.name]), [
    [0, "counters"],
    [16, "second"],
  ]);
  assert.deepEqual([program.lines.length, program.lines[3]], [LINE_WORDS, 7 << 10 | 3]);
  assert.deepEqual(program.coreRelocations.map(({ offset, kind }) => [offset, kind]), [[32, 2]]);
});

Deno.test("parseObject() gives the kernel the sizes of data sections, their variables in order", () => {
  const { btf } = parseObject(buildObject());
  const rodata = btf.types.find(({ name }) => name === ".rodata")!;
  assert.equal(rodata.sizeOrType, 8);
  const offsets = rodata.variables.map(({ offset }) => offset);
  assert.deepEqual(offsets, offsets.toSorted((a, b) => a - b));
});

Deno.test("parseObject() takes a section that is no program for what it is, and refuses what cannot be loaded right", () => {
  const { kind, target } = parseObject(buildObject({ programSection: "nobody/knows" })).programs[0]!;
  assert.deepEqual([kind, target], [undefined, ""]);
  for (
    const [programSection, what] of [["maps", /legacy map/], [
      "struct_ops/x",
      /struct_ops is not supported/,
    ]] as const
  ) {
    const { section, message } = objectError(() => parseObject(buildObject({ programSection })));
    assert.equal(section, programSection);
    assert.match(message, what);
  }
});

Deno.test("parseObject() says that it takes the bytes of a file to whoever gives a path, a buffer or a promise", () => {
  const others: readonly (readonly [unknown, string])[] = [
    ["count.bpf.o", "String"],
    [new ArrayBuffer(8), "ArrayBuffer"],
    [Promise.resolve(buildObject()), "Promise"],
    [undefined, "Undefined"],
  ];
  for (const [other, what] of others) {
    assert.throws(() => parseObject(other as Uint8Array), {
      name: "TypeError",
      message: `Cannot parse the object: it takes the file's content as a Uint8Array, and got: ${what}`,
    });
  }
});

Deno.test("parseObject() rejects an object without BTF, and says how to get it", () => {
  const bytes = buildObject();
  const text = new TextDecoder("latin1").decode(bytes);
  bytes.set(new TextEncoder().encode(".XYZ\0"), text.lastIndexOf("\0.BTF\0") + 1);
  const { section, message } = objectError(() => parseObject(bytes));
  assert.equal(section, ".BTF");
  assert.match(message, /missing; compile with clang -g --target=bpf/);
});

/** The small object with 8 bytes of one section header replaced. */
function changed(section: number, field: number, value: bigint): Uint8Array<ArrayBuffer> {
  const bytes = buildObject();
  const view = new DataView(bytes.buffer);
  view.setBigUint64(Number(view.getBigUint64(40, true)) + section * 64 + field, value, true);
  return bytes;
}

Deno.test("parseObject() takes no memory for a .bss of absurd size", () => {
  const { section, message } = objectError(() => parseObject(changed(8, 32, 1n << 45n)));
  assert.equal(section, ".bss");
  assert.match(message, /35184372088832 bytes; all global data may have/);
});

/** Parses, and computes all that can be computed without a kernel. */
function useAll(bytes: Uint8Array): void {
  const object: ObjectSpec = parseObject(bytes);
  const engine = new CoreEngine(object.btfBytes);
  wantRelocatedTypes(engine, object.programs);
  engine.openTarget("the target", object.btfBytes.length, (buffer) => buffer.set(object.btfBytes));
  for (const program of object.programs) relocateProgram(engine, object, program);
}

/** Accepts success and the two errors that malformed input may cause. */
function onlyTypedErrors(bytes: Uint8Array, what: string): void {
  try {
    useAll(bytes);
  } catch (error) {
    if (error instanceof ObjectError) {
      assert.ok(Number.isSafeInteger(error.offset) && error.offset >= 0, what);
      assert.notEqual(error.section, undefined, what);
    } else if (!(error instanceof BtfError)) {
      throw new Error(`${what}: no typed error`, { cause: error });
    }
  }
}

Deno.test("parseObject() meets every prefix of an object with a typed error", () => {
  for (const [name, bytes] of [["the small object", buildObject()], ["iomonitor", iomonitor]] as const) {
    for (let length = 0; length < bytes.length; length++) {
      const { section } = objectError(() => parseObject(bytes.subarray(0, length)));
      assert.equal(section, "ELF header", `${name} cut at ${length}`);
    }
  }
});

/** Numbers that repeat from run to run: xorshift32. */
function* pseudoRandom(seed: number): Generator<number, never> {
  for (let state = seed;;) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}

const WORDS = [0, 1, 0x7f, 0xff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A copy with up to eight bytes, or one word, replaced, in `from` to the end. */
function mutate(bytes: Uint8Array, random: Generator<number, never>, from = 0): Uint8Array {
  const copy = bytes.slice();
  const next = (limit: number) => random.next().value % limit;
  if (next(2) === 0) {
    for (let count = next(8); count >= 0; count--) copy[from + next(copy.length - from)] = next(256);
  } else {
    const at = from + next((copy.length - from) >> 2) * 4;
    new DataView(copy.buffer).setUint32(at, WORDS[next(WORDS.length)]!, true);
  }
  return copy;
}

Deno.test("parseObject() and the engine meet thousands of mutated objects with typed errors only", () => {
  const random = pseudoRandom(20_240_607);
  const small = buildObject();
  for (let round = 0; round < 3000; round++) onlyTypedErrors(mutate(small, random), `small, round ${round}`);
  const bytes = new Uint8Array(iomonitor);
  const headers = Number(new DataView(bytes.buffer).getBigUint64(40, true));
  for (let round = 0; round < 300; round++) {
    onlyTypedErrors(mutate(bytes, random), `iomonitor, round ${round}`);
    onlyTypedErrors(mutate(bytes, random, headers), `headers of iomonitor, round ${round}`);
  }
});

Deno.test("parseObject() reads iomonitor: programs in pairs of section and function, relocations inside", () => {
  const { programs, maps, data, license } = parseObject(iomonitor);
  assert.equal(license, "Dual MIT/GPL");
  assert.ok(programs.length > 0 && maps.length > 0);
  const rodata = data.find(({ name }) => name === ".rodata")!;
  for (const name of ["nr_read", "nr_pread64", "nr_fadvise64"]) {
    assert.equal(rodata.variables.get(name)?.size, 4, name);
  }
  for (const { name, instructions, relocations, coreRelocations, lines, functions } of programs) {
    const records = [...relocations, ...coreRelocations, ...functions].map(({ offset }) => offset);
    const offsets = [...records, ...lines.filter((_, index) => index % LINE_WORDS === 0)];
    assert.ok(offsets.every((offset) => offset % 8 === 0 && offset < instructions.length), name);
    assert.deepEqual(functions.map(({ offset }) => offset), [0], name);
    assert.equal(lines[0], 0, name);
  }
});

Deno.test("relocateProgram() changes nothing for the target that the program was compiled for", () => {
  const object = parseObject(buildObject());
  const engine = new CoreEngine(object.btfBytes);
  wantRelocatedTypes(engine, object.programs);
  engine.openTarget("itself", object.btfBytes.length, (buffer) => buffer.set(object.btfBytes));
  const [program] = object.programs;
  assert.deepEqual(relocateProgram(engine, object, program!).bytes, new Uint8Array(program!.instructions));
});
