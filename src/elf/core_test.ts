import assert from "node:assert/strict";
import { BtfKind } from "./btf/btf.ts";
import { BtfBuilder } from "./btf/testing_btf.ts";
import { BtfError, CoreEngine, type RelocationResult } from "./core.ts";

/** `enum bpf_core_relo_kind`. Source: include/uapi/linux/bpf.h. */
const Relo = {
  FIELD_BYTE_OFFSET: 0,
  FIELD_BYTE_SIZE: 1,
  FIELD_EXISTS: 2,
  FIELD_SIGNED: 3,
  FIELD_LSHIFT_U64: 4,
  FIELD_RSHIFT_U64: 5,
  TYPE_ID_LOCAL: 6,
  TYPE_ID_TARGET: 7,
  TYPE_EXISTS: 8,
  TYPE_SIZE: 9,
  ENUMVAL_EXISTS: 10,
  ENUMVAL_VALUE: 11,
} as const;

interface Access {
  readonly type: number;
  readonly access: string;
  readonly kind: number;
}

/** Computes relocations of a local BTF against a target; the callback builds the local types. */
function relocateAll(
  buildLocal: (btf: BtfBuilder) => readonly Access[],
  target: BtfBuilder,
): (RelocationResult | string)[] {
  const local = new BtfBuilder();
  const accesses = buildLocal(local).map(({ type, access, kind }) => ({
    offset: 0,
    type,
    access: local.string(access),
    kind,
  }));
  const engine = new CoreEngine(local.build());
  for (const { type } of accesses) engine.wantType(type);
  openTarget(engine, target.build());
  return accesses.map((access) => engine.relocate(access));
}

function openTarget(engine: CoreEngine, bytes: Uint8Array): void {
  engine.openTarget("the target", bytes.length, (buffer) => buffer.set(bytes));
}

function relocate(buildLocal: (btf: BtfBuilder) => Access, target: BtfBuilder): RelocationResult {
  const [result] = relocateAll((btf) => [buildLocal(btf)], target);
  if (typeof result !== "object") throw new Error(`no result: ${result}`);
  return result;
}

/** `struct s { u32 a; u64 b; }` as the program sees it, and an access to `b`. */
function accessToB(kind: number): (btf: BtfBuilder) => Access {
  return (btf) => {
    const u32 = btf.int("u32", 4);
    const u64 = btf.int("u64", 8);
    return { type: btf.struct("s", 16, [["a", u32, 0], ["b", u64, 64]]), access: "0:1", kind };
  };
}

Deno.test("CoreEngine follows a field that moved", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.struct("s", 64, [["x", u64, 0], ["b", u64, 320]]);
  const result = relocate(accessToB(Relo.FIELD_BYTE_OFFSET), target);
  assert.deepEqual(result, {
    original: 8n,
    value: 40n,
    originalSize: 8,
    size: 8,
    poison: false,
    validate: true,
    unsafeSize: false,
  });
});

Deno.test("CoreEngine follows a field into anonymous structures and unions", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  const inner = target.struct("", 16, [["x", u64, 0], ["b", u64, 64]]);
  const union = target.union("", 16, [["y", u64, 0], ["", inner, 0]]);
  target.struct("s", 48, [["z", u64, 0], ["", union, 128]]);
  assert.equal(relocate(accessToB(Relo.FIELD_BYTE_OFFSET), target).value, 24n);
});

Deno.test("CoreEngine follows an element of an array whose elements grew", () => {
  const target = new BtfBuilder();
  const wide = target.int("u64", 8);
  target.struct("s", 128, [["x", wide, 0], ["list", target.array(wide, 8), 64]]);
  const result = relocate((btf) => {
    const list = btf.array(btf.int("u32", 4), 8);
    return {
      type: btf.struct("s", 32, [["list", list, 0]]),
      access: "0:0:3",
      kind: Relo.FIELD_BYTE_OFFSET,
    };
  }, target);
  assert.deepEqual([result.original, result.value], [12n, 32n]);
  assert.deepEqual([result.originalSize, result.size, result.unsafeSize], [4, 8, false]);
});

Deno.test("CoreEngine poisons an element past the end of the target's array", () => {
  const target = new BtfBuilder();
  target.struct("s", 8, [["list", target.array(target.int("u32", 4), 2), 0]]);
  const result = relocate((btf) => {
    const list = btf.array(btf.int("u32", 4), 8);
    return {
      type: btf.struct("s", 32, [["list", list, 0]]),
      access: "0:0:2",
      kind: Relo.FIELD_BYTE_OFFSET,
    };
  }, target);
  assert.equal(result.poison, true);
});

Deno.test("CoreEngine lets an array that is accessed as a whole change its length", () => {
  const target = new BtfBuilder();
  target.struct("s", 64, [["comm", target.array(target.int("char", 1), 32), 256]]);
  const result = relocate((btf) => {
    const comm = btf.array(btf.int("char", 1), 16);
    return { type: btf.struct("s", 16, [["comm", comm, 0]]), access: "0:0", kind: Relo.FIELD_BYTE_OFFSET };
  }, target);
  assert.deepEqual([result.value, result.size, result.originalSize], [32n, 1, 1]);
  assert.equal(result.unsafeSize, false);
});

Deno.test("CoreEngine indexes a flexible array at the end of a structure", () => {
  const target = new BtfBuilder();
  const u32 = target.int("u32", 4);
  target.struct("s", 8, [["n", u32, 0], ["m", u32, 32], ["list", target.array(u32, 0), 64]]);
  const result = relocate((btf) => {
    const u32 = btf.int("u32", 4);
    const type = btf.struct("s", 4, [["n", u32, 0], ["list", btf.array(u32, 0), 32]]);
    return { type, access: "0:1:5", kind: Relo.FIELD_BYTE_OFFSET };
  }, target);
  assert.deepEqual([result.original, result.value], [24n, 28n]);
});

Deno.test("CoreEngine cuts the flavour off after the last three underscores", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.struct("s___inner", 64, [["b", u64, 128]]);
  const values = relocateAll((btf) => {
    const u64 = btf.int("u64", 8);
    return ["s___inner___outer", "s____x", "s___"].map((name) => ({
      type: btf.struct(name, 8, [["b", u64, 0]]),
      access: "0:0",
      kind: Relo.FIELD_EXISTS,
    }));
  }, target);
  // The target's own name loses its flavour too, as in libbpf: it is "s", and only "s" finds it.
  assert.deepEqual(values.map((result) => (result as RelocationResult).value), [0n, 0n, 0n]);
  const [found] = relocateAll((btf) => [accessToB(Relo.FIELD_EXISTS)(btf)], target);
  assert.equal((found as RelocationResult).value, 1n);
});

Deno.test("CoreEngine finds names of every length, with and without a flavour, and not their beginnings", () => {
  for (const name of ["s", "st", "sto", "stor", "store"]) {
    const existsWhere = (targetName: string): unknown => {
      const target = new BtfBuilder();
      target.struct(targetName, 8, [["b", target.int("u64", 8), 0]]);
      const [result] = relocateAll((btf) => [{
        type: btf.struct(`${name}___mine`, 8, [["b", btf.int("u64", 8), 0]]),
        access: "0:0",
        kind: Relo.FIELD_EXISTS,
      }], target);
      return (result as RelocationResult).value;
    };
    assert.equal(existsWhere(name), 1n, name);
    assert.equal(existsWhere(`${name}___theirs`), 1n, name);
    assert.equal(existsWhere(`${name}s`), 0n, name);
    assert.equal(existsWhere(`${name}_`), 0n, name);
  }
});

Deno.test("CoreEngine keeps the candidates of two flavours apart", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.struct("s", 8, [["old", u64, 0]]);
  target.struct("s", 16, [["new", u64, 64]]);
  const results = relocateAll((btf) => {
    const u64 = btf.int("u64", 8);
    return ["old", "new", "old"].map((field) => ({
      type: btf.struct(`s___${field}`, 8, [[field, u64, 0]]),
      access: "0:0",
      kind: Relo.FIELD_BYTE_OFFSET,
    }));
  }, target) as RelocationResult[];
  assert.deepEqual(results.map(({ value, poison }) => [value, poison]), [[0n, false], [8n, false], [
    0n,
    false,
  ]]);
});

Deno.test("CoreEngine poisons an access to a field or a type that the target lacks", () => {
  const target = new BtfBuilder();
  target.struct("s", 4, [["a", target.int("u32", 4), 0]]);
  for (
    const kind of [Relo.FIELD_BYTE_OFFSET, Relo.FIELD_BYTE_SIZE, Relo.FIELD_SIGNED, Relo.FIELD_LSHIFT_U64]
  ) {
    assert.equal(relocate(accessToB(kind), target).poison, true, `kind ${kind}`);
    assert.equal(relocate(accessToB(kind), new BtfBuilder()).poison, true, `kind ${kind}, no type`);
  }
});

Deno.test("CoreEngine poisons nothing if an incompatible field only makes a candidate drop out", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.struct("s", 8, [["b", target.pointer(u64), 0]]);
  target.struct("s", 24, [["b", u64, 128]]);
  const result = relocate(accessToB(Relo.FIELD_BYTE_OFFSET), target);
  assert.deepEqual([result.value, result.poison], [16n, false]);
});

Deno.test("CoreEngine answers whether a field exists", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.struct("s", 8, [["b", u64, 0]]);
  assert.equal(relocate(accessToB(Relo.FIELD_EXISTS), target).value, 1n);
  const without = new BtfBuilder();
  without.struct("s", 8, [["c", without.int("u64", 8), 0]]);
  const missing = relocate(accessToB(Relo.FIELD_EXISTS), without);
  assert.deepEqual([missing.original, missing.value, missing.poison], [1n, 0n, false]);
});

Deno.test("CoreEngine tells the size and the sign of a field", () => {
  const target = new BtfBuilder();
  target.struct("s", 8, [["b", target.typedef("s32", target.int("int", 4, { signed: true })), 0]]);
  const size = relocate(accessToB(Relo.FIELD_BYTE_SIZE), target);
  assert.deepEqual([size.original, size.value], [8n, 4n]);
  const sign = relocate(accessToB(Relo.FIELD_SIGNED), target);
  assert.deepEqual([sign.original, sign.value], [0n, 1n]);
});

Deno.test("CoreEngine allows a load to change its width only where zeros may be added", () => {
  const widths = (build: (btf: BtfBuilder) => number) => {
    const target = new BtfBuilder();
    target.struct("s", 8, [["b", build(target), 0]]);
    return relocate(accessToB(Relo.FIELD_BYTE_OFFSET), target);
  };
  assert.equal(widths((btf) => btf.int("u32", 4)).unsafeSize, false);
  assert.equal(widths((btf) => btf.int("s32", 4, { signed: true })).unsafeSize, true);
  assert.equal(widths((btf) => btf.int("s64", 8, { signed: true })).unsafeSize, false);
  const bitField = new BtfBuilder();
  bitField.struct("s", 8, [["b", bitField.int("u64", 8), 0, 3]]);
  assert.equal(relocate(accessToB(Relo.FIELD_BYTE_OFFSET), bitField).unsafeSize, true);
});

Deno.test("CoreEngine tells the shifts that extract a bit-field, and the load that covers it", () => {
  const target = new BtfBuilder();
  const u32 = target.int("u32", 4);
  // Bits 35 to 39: in the second 32-bit word from bit 3 on.
  target.struct("s", 8, [["a", u32, 0, 0], ["f", u32, 35, 5]]);
  const local = (kind: number) => (btf: BtfBuilder) => ({
    type: btf.struct("s", 4, [["f", btf.int("u32", 4), 0, 5]]),
    access: "0:0",
    kind,
  });
  const value = (kind: number) => relocate(local(kind), target).value;
  assert.equal(value(Relo.FIELD_BYTE_OFFSET), 4n);
  assert.equal(value(Relo.FIELD_BYTE_SIZE), 4n);
  assert.equal(value(Relo.FIELD_LSHIFT_U64), 64n - 8n);
  assert.equal(value(Relo.FIELD_RSHIFT_U64), 64n - 5n);
  assert.equal(relocate(local(Relo.FIELD_BYTE_OFFSET), target).validate, false);
  assert.equal(relocate(local(Relo.FIELD_RSHIFT_U64), target).validate, true);
});

Deno.test("CoreEngine widens the load for a bit-field that straddles words", () => {
  const target = new BtfBuilder();
  const u8 = target.int("u8", 1);
  target.struct("s", 8, [["f", u8, 6, 4]]);
  const size = relocate(
    (btf) => ({
      type: btf.struct("s", 1, [["f", btf.int("u8", 1), 0, 4]]),
      access: "0:0",
      kind: Relo.FIELD_BYTE_SIZE,
    }),
    target,
  );
  assert.deepEqual([size.original, size.value], [1n, 2n]);
});

Deno.test("CoreEngine takes the value of an enumerator from the target, of both widths and signs", () => {
  const target = new BtfBuilder();
  target.enumeration("e", [["FIRST", 0], ["WANTED", 7], ["NEGATIVE", -2]]);
  target.enumeration64("big", [["HUGE", 0x1234_5678_9abc_def0n]]);
  const local = (name: string, enumerator: string, kind: number) => (btf: BtfBuilder) => ({
    type: btf.enumeration(name, [[enumerator, 1]]),
    access: "0",
    kind,
  });
  const changed = relocate(local("e", "WANTED", Relo.ENUMVAL_VALUE), target);
  assert.deepEqual([changed.original, changed.value], [1n, 7n]);
  assert.equal(relocate(local("e", "WANTED___v2", Relo.ENUMVAL_VALUE), target).value, 7n);
  assert.equal(BigInt.asIntN(64, relocate(local("e", "NEGATIVE", Relo.ENUMVAL_VALUE), target).value), -2n);
  assert.equal(relocate(local("big", "HUGE", Relo.ENUMVAL_VALUE), target).value, 0x1234_5678_9abc_def0n);
  assert.equal(relocate(local("e", "WANTED", Relo.ENUMVAL_EXISTS), target).value, 1n);
  assert.equal(relocate(local("e", "GONE", Relo.ENUMVAL_EXISTS), target).value, 0n);
  assert.equal(relocate(local("e", "GONE", Relo.ENUMVAL_VALUE), target).poison, true);
});

Deno.test("CoreEngine reads an enumerator of 32 bits as a signed number, also without the flag that came with Linux 6.0", () => {
  const target = new BtfBuilder();
  target.add("e", BtfKind.ENUM << 24 | 1, 4, [target.string("NEGATIVE"), -2]);
  const { original, value } = relocate((btf) => ({
    type: btf.add("e", BtfKind.ENUM << 24 | 1, 4, [btf.string("NEGATIVE"), -1]),
    access: "0",
    kind: Relo.ENUMVAL_VALUE,
  }), target);
  assert.deepEqual([BigInt.asIntN(64, original), BigInt.asIntN(64, value)], [-1n, -2n]);
});

Deno.test("CoreEngine refuses to look for a type without name, as libbpf does", () => {
  const [field, local] = relocateAll((btf) => {
    const type = btf.struct("", 4, [["a", btf.int("u32", 4), 0]]);
    return [
      { type, access: "0:0", kind: Relo.FIELD_EXISTS },
      { type, access: "0", kind: Relo.TYPE_ID_LOCAL },
    ];
  }, new BtfBuilder());
  assert.match(String(field), /no name/);
  assert.equal((local as RelocationResult).value, 2n);
});

Deno.test("CoreEngine tells offset, size and shifts of bit-fields of every width and place", () => {
  for (const [name, unit] of [["u8", 1], ["u16", 2], ["u32", 4], ["u64", 8]] as const) {
    for (let width = 1; width <= unit * 8; width++) {
      for (const place of [0, 1, 7, 8, 31, 32, 40]) {
        const build = (btf: BtfBuilder) => btf.struct("s", 32, [["f", btf.int(name, unit), place, width]]);
        const target = new BtfBuilder();
        build(target);
        const kinds = [
          Relo.FIELD_BYTE_OFFSET,
          Relo.FIELD_BYTE_SIZE,
          Relo.FIELD_LSHIFT_U64,
          Relo.FIELD_RSHIFT_U64,
        ];
        const results = relocateAll((btf) => {
          const type = build(btf);
          return kinds.map((kind) => ({ type, access: "0:0", kind }));
        }, target);
        // No aligned load of at most 8 bytes covers it.
        if (Math.floor(place / 64) !== Math.floor((place + width - 1) / 64)) {
          for (const result of results) assert.match(String(result), /no load can cover/);
          continue;
        }
        const [offset, size, left, right] = results.map((result) =>
          Number((result as RelocationResult).value)
        );
        const what = `${name} ${place}:${width}`;
        assert.ok([1, 2, 4, 8].includes(size!) && size! >= unit && offset! % size! === 0, what);
        assert.ok(offset! * 8 <= place && place + width <= (offset! + size!) * 8, what);
        // What a program does with it: load, shift left, shift right.
        const field = 0xffff_ffff_ffff_ffffn >> BigInt(64 - width) << BigInt(place - offset! * 8);
        const shifted = BigInt.asUintN(64, field << BigInt(left!)) >> BigInt(right!);
        assert.equal(shifted, 0xffff_ffff_ffff_ffffn >> BigInt(64 - width), what);
        assert.equal(BigInt.asUintN(64, ~field << BigInt(left!)) >> BigInt(right!), 0n, what);
      }
    }
  }
});

Deno.test("CoreEngine answers for whole types: existence, size and ids", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  const id = target.struct("s", 40, [["b", u64, 0]]);
  const [exists, size, targetId, localId, gone, goneSize] = relocateAll((btf) => {
    const type = btf.struct("s___mine", 8, [["b", btf.int("u64", 8), 0]]);
    const other = btf.struct("other", 4, []);
    return [
      { type, access: "0", kind: Relo.TYPE_EXISTS },
      { type, access: "0", kind: Relo.TYPE_SIZE },
      { type, access: "0", kind: Relo.TYPE_ID_TARGET },
      { type, access: "0", kind: Relo.TYPE_ID_LOCAL },
      { type: other, access: "0", kind: Relo.TYPE_EXISTS },
      { type: other, access: "0", kind: Relo.TYPE_SIZE },
    ];
  }, target) as RelocationResult[];
  assert.equal(exists!.value, 1n);
  assert.deepEqual([size!.original, size!.value], [8n, 40n]);
  assert.deepEqual([targetId!.value, targetId!.validate], [BigInt(id), false]);
  assert.equal(localId!.value, 2n);
  assert.deepEqual([gone!.value, gone!.poison], [0n, false]);
  assert.deepEqual([goneSize!.value, goneSize!.poison], [0n, false]);
});

Deno.test("CoreEngine refuses candidates that differ, and accepts those that agree", () => {
  const twice = (offsets: readonly number[]) => {
    const target = new BtfBuilder();
    const u64 = target.int("u64", 8);
    for (const offset of offsets) target.struct("s", 32, [["b", u64, offset]]);
    return relocateAll((btf) => [accessToB(Relo.FIELD_BYTE_OFFSET)(btf)], target)[0]!;
  };
  assert.match(String(twice([64, 128])), /^ambiguous/);
  assert.equal((twice([128, 128]) as RelocationResult).value, 16n);
});

Deno.test("CoreEngine takes no type of another kind for a candidate", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.union("s", 8, [["b", u64, 0]]);
  target.forward("s");
  assert.equal(relocate(accessToB(Relo.FIELD_BYTE_OFFSET), target).poison, true);
});

Deno.test("CoreEngine comes to an end where typedefs, arrays or structures hold themselves", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  // Ids are in order: the typedef refers to itself, the structure has itself as its anonymous member.
  target.typedef("loop", 2);
  target.struct("s", 8, [["b", 2, 0]]);
  target.struct("s", 8, [["", 4, 0], ["c", u64, 0]]);
  target.struct("s", 8, [["", target.array(5, 1), 0]]);
  const [field, size] = relocateAll((btf) => [
    accessToB(Relo.FIELD_BYTE_OFFSET)(btf),
    { type: btf.typedef("loop", 4), access: "0", kind: Relo.TYPE_SIZE },
  ], target);
  assert.equal(field, "nested too deeply");
  assert.equal(size, "a type has no size");
});

Deno.test("CoreEngine rejects access strings that are malformed or lead nowhere", () => {
  const cases: [access: string, reason: RegExp][] = [
    ["", /malformed/],
    [":", /malformed/],
    ["0:", /malformed/],
    ["0::1", /malformed/],
    ["x", /malformed/],
    ["0:-1", /malformed/],
    ["0:99999999999", /malformed/],
    ["0:2", /out of range/],
    ["0:0:0", /no members/],
    [Array(65).fill("0").join(":"), /too deeply/],
  ];
  const target = new BtfBuilder();
  const reasons = relocateAll((btf) => {
    const { type } = accessToB(0)(btf);
    return cases.map(([access]) => ({ type, access, kind: Relo.FIELD_BYTE_OFFSET }));
  }, target);
  reasons.forEach((reason, index) => assert.match(String(reason), cases[index]![1], cases[index]![0]));
});

Deno.test("CoreEngine rejects an unknown kind of relocation, and a root type that is not there", () => {
  const results = relocateAll(
    (btf) => [accessToB(77)(btf), { type: 4096, access: "0:1", kind: Relo.FIELD_BYTE_OFFSET }],
    new BtfBuilder(),
  );
  assert.equal(results[0], "unsupported kind of relocation");
  assert.equal(typeof results[1], "string");
});

Deno.test("CoreEngine finds names of one character, and types by name and kind", () => {
  const target = new BtfBuilder();
  const id = target.int("x", 4);
  const typedef = target.typedef("btf_trace_open", id);
  const engine = new CoreEngine(new BtfBuilder().build());
  const wanted = [
    engine.wantName("x", BtfKind.INT),
    engine.wantName("btf_trace_open", BtfKind.TYPEDEF),
    engine.wantName("btf_trace_open", BtfKind.STRUCT),
    engine.wantName("btf_trace_ope", BtfKind.TYPEDEF),
  ];
  openTarget(engine, target.build());
  assert.deepEqual(wanted.map((name) => engine.foundType(name)), [id, typedef, 0, 0]);
});

Deno.test("CoreEngine reads the BTF of Linux 7.1: a longer header, and kinds that the layout describes", () => {
  const unknown = 25;
  const layout = Array.from({ length: unknown + 1 }, (): [number, number] => [0, 0]).with(unknown, [4, 8]);
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.add("newer", unknown << 24 | 2, 0, [1, 2, 3, 4, 5]);
  target.struct("s", 64, [["b", u64, 320]]);
  const local = new BtfBuilder();
  const { type, access, kind } = accessToB(Relo.FIELD_BYTE_OFFSET)(local);
  const record = { offset: 0, type, access: local.string(access), kind };
  const engine = new CoreEngine(local.build());
  engine.wantType(type);
  openTarget(engine, target.build({ layout }));
  assert.equal((engine.relocate(record) as RelocationResult).value, 40n);
  assert.throws(() => openTarget(new CoreEngine(local.build()), target.build()), /a type of unknown kind/);
});

Deno.test("CoreEngine rejects every prefix of a blob with a BtfError that says where", () => {
  const btf = new BtfBuilder();
  accessToB(0)(btf);
  btf.enumeration("e", [["A", 1]]);
  const bytes = btf.build();
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => new CoreEngine(bytes.subarray(0, length)), (error: unknown) => {
      assert.ok(error instanceof BtfError, String(error));
      assert.equal(error.source, "the object");
      assert.ok(error.offset >= 0 && error.offset <= bytes.length);
      return true;
    });
  }
});

Deno.test("CoreEngine names what is wrong with a header, a string or a type", () => {
  const bytes = (() => {
    const btf = new BtfBuilder();
    accessToB(0)(btf);
    return btf.build();
  })();
  const changed = (change: (view: DataView) => void) => {
    const copy = bytes.slice();
    change(new DataView(copy.buffer));
    return () => new CoreEngine(copy);
  };
  assert.throws(changed((view) => view.setUint16(0, 0x9feb, true)), /the other byte order/);
  assert.throws(changed((view) => view.setUint16(0, 1234, true)), /no BTF magic/);
  assert.throws(changed((view) => view.setUint32(4, 23, true)), /outside of the file/);
  assert.throws(changed((view) => view.setUint32(12, 0xffffffff, true)), /outside of the file/);
  assert.throws(changed((view) => view.setUint32(20, 0xfffffff0, true)), /outside of the file/);
  assert.throws(changed((view) => view.setUint8(bytes.length - 1, 65)), /begin and end with NUL/);
  assert.throws(changed((view) => view.setUint32(24, 0xfffff, true)), /a name lies outside/);
  assert.throws(changed((view) => view.setUint32(28, 0x7f000000, true)), /unknown kind/);
  assert.throws(changed((view) => view.setUint32(28, 4 << 24 | 0xffff, true)), /a type is cut off/);
});
