/** What the engine refuses so that nobody waits for it: BTF that is made to be slow, or too large. */
import assert from "node:assert/strict";
import { BtfKind } from "./btf/btf.ts";
import { BtfBuilder } from "./btf/testing_btf.ts";
import { BtfError, CoreEngine } from "./core.ts";

/** `enum bpf_core_relo_kind`. Source: include/uapi/linux/bpf.h. */
const FIELD_EXISTS = 2;
const TYPE_EXISTS = 8;
const ENUMVAL_EXISTS = 10;

/** Relocates so many times, each with an access string of its own: the same is computed only once. */
function relocateAgainst(
  local: BtfBuilder,
  target: BtfBuilder,
  type: number,
  access: string,
  kind: number,
  times = 1,
): unknown {
  const accesses = Array.from({ length: times }, () => local.string(access));
  const engine = new CoreEngine(local.build());
  engine.wantType(type);
  const bytes = target.build();
  engine.openTarget("the target", bytes.length, (buffer) => buffer.set(bytes));
  let result: unknown;
  for (const access of accesses) result = engine.relocate({ offset: 0, type, access, kind });
  return result;
}

Deno.test("CoreEngine gives up a search through anonymous members that branch at every level", () => {
  const local = new BtfBuilder();
  const type = local.struct("s", 4, [["wanted", local.int("n", 4), 0]]);
  const target = new BtfBuilder();
  let inner = target.int("n", 4);
  for (let level = 0; level < 40; level++) {
    inner = target.struct(level === 39 ? "s" : "", 4, [["", inner, 0], ["", inner, 0], ["x", 1, 0]]);
  }
  assert.match(String(relocateAgainst(local, target, type, "0:0", FIELD_EXISTS)), /too long/);
});

Deno.test("CoreEngine gives up prototypes whose parameters are prototypes that branch", () => {
  const branching = () => {
    const btf = new BtfBuilder();
    let prototype = btf.prototype(0, []);
    for (let level = 0; level < 28; level++) {
      const pointer = btf.pointer(prototype);
      prototype = btf.prototype(0, [pointer, pointer, pointer]);
    }
    return { btf, type: btf.typedef("callback", prototype) };
  };
  const { btf, type } = branching();
  assert.match(String(relocateAgainst(btf, branching().btf, type, "0", TYPE_EXISTS)), /too long/);
});

Deno.test("CoreEngine gives up enumerations that are compared again and again", () => {
  const names = Array.from(
    { length: 4000 },
    (_, index): [string, number] => [`SAME_BEGINNING_${index}`, index],
  );
  const [local, target] = [new BtfBuilder(), new BtfBuilder()];
  const type = local.enumeration("e", [["SAME_BEGINNING_NONE", 0]]);
  target.enumeration("e", names);
  assert.match(String(relocateAgainst(local, target, type, "0", ENUMVAL_EXISTS, 2000)), /too long/);
});

Deno.test("CoreEngine gives up a search among thousands of types of one name", () => {
  const [local, target] = [new BtfBuilder(), new BtfBuilder()];
  const type = local.struct("s", 4, [["wanted", local.int("n", 4), 0]]);
  const other = target.int("n", 4);
  for (let count = 0; count < 5000; count++) target.struct("s", 4, [["x", other, 0]]);
  assert.match(String(relocateAgainst(local, target, type, "0:0", FIELD_EXISTS, 2000)), /too long/);
});

/** BTF by hand: `count` structures that all have the name at the same offset. */
function manyOfOneName(count: number, name: string): Uint8Array {
  const types = new Uint32Array(count * 3);
  for (let at = 0; at < types.length; at += 3) types.set([1, BtfKind.STRUCT << 24, 0], at);
  const strings = new TextEncoder().encode(`\0${name}\0`);
  const header = Uint32Array.of(0xeb9f | 1 << 16, 24, 0, types.byteLength, types.byteLength, strings.length);
  const bytes = new Uint8Array(24 + types.byteLength + strings.length);
  bytes.set(new Uint8Array(header.buffer));
  bytes.set(new Uint8Array(types.buffer), 24);
  bytes.set(strings, 24 + types.byteLength);
  return bytes;
}

Deno.test("CoreEngine refuses a target whose types share a name of megabytes, and says at which type", () => {
  const engine = new CoreEngine(new BtfBuilder().build());
  engine.wantName("same", BtfKind.STRUCT);
  const bytes = manyOfOneName(200, `same${"x".repeat(1 << 20)}`);
  assert.throws(
    () => engine.openTarget("the target", bytes.length, (buffer) => buffer.set(bytes)),
    (error: unknown) => {
      assert.ok(error instanceof BtfError, String(error));
      assert.match(error.message, /too long/);
      assert.equal((error.offset - 24) % 12, 0);
      return true;
    },
  );
});

Deno.test("CoreEngine refuses a million types of a name that a thousand relocations want", () => {
  const local = new BtfBuilder();
  const types = Array.from({ length: 1000 }, (_, index) => local.struct(`s___${index}`, 4, []));
  const engine = new CoreEngine(local.build());
  for (const type of types) engine.wantType(type);
  const bytes = manyOfOneName(1_000_000, "s");
  assert.throws(
    () => engine.openTarget("the target", bytes.length, (buffer) => buffer.set(bytes)),
    /BTF of the target: .*too long/,
  );
});

Deno.test("CoreEngine opens a target of a million types that nobody wants", () => {
  const engine = new CoreEngine(new BtfBuilder().build());
  const wanted = engine.wantName("other", BtfKind.STRUCT);
  const bytes = manyOfOneName(1_000_000, "same");
  engine.openTarget("the target", bytes.length, (buffer) => buffer.set(bytes));
  assert.equal(engine.foundType(wanted), 0);
});

Deno.test("CoreEngine refuses BTF of more than 64 MB before it takes memory for it", () => {
  const engine = new CoreEngine(new BtfBuilder().build());
  const size = (64 << 20) + 1;
  const never = () => assert.fail("nothing is to be read");
  assert.throws(
    () => engine.openTarget("the target", size, never),
    /BTF of the target: .*67108865 bytes are more/,
  );
  assert.throws(
    () => engine.openModule("the module", size, never),
    /BTF of the module: .*67108865 bytes are more/,
  );
});

Deno.test("CoreEngine refuses modules when its memory is full, with a typed error", () => {
  const engine = new CoreEngine(new BtfBuilder().build());
  engine.wantName("s", BtfKind.STRUCT);
  const base = new BtfBuilder();
  const target = base.build();
  engine.openTarget("the target", target.length, (buffer) => buffer.set(target));
  const module = new BtfBuilder(base);
  module.struct("s", 0, []);
  const bytes = module.build();
  const size = 60 << 20;
  let opened = 0;
  assert.throws(() => {
    for (; opened < 10; opened++) engine.openModule("a module", size, (buffer) => buffer.set(bytes));
  }, (error: unknown) => error instanceof BtfError && /BTF of a module: .*out of memory/.test(error.message));
  assert.equal(opened, 4);
});

/** Random numbers from 0 to `below` - 1 that are the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
}

/** Some of every kind, with names that a program asks for. */
function someTypes(btf: BtfBuilder): { type: number; enumeration: number; callback: number } {
  const n = btf.int("n", 4, { signed: true });
  const list = btf.array(btf.const(n), 4);
  const inner = btf.struct("", 24, [["a", n, 0, 3], ["b", n, 3, 7], ["list", list, 32, 0]]);
  const enumeration = btf.enumeration("e", [["A", 1], ["B", -1]]);
  const callback = btf.typedef("callback", btf.pointer(btf.prototype(n, [btf.pointer(n), enumeration])));
  const big = btf.enumeration64("big", [["C", 1n << 40n]]);
  const union = btf.union("", 24, [["", inner, 0], ["call", callback, 0], ["big", big, 0]]);
  const type = btf.struct("s", 48, [["e", enumeration, 0], ["", union, 64], ["next", btf.pointer(10), 256]]);
  btf.variable("v", type);
  btf.function("f", btf.prototype(n, []));
  return { type, enumeration, callback };
}

Deno.test("CoreEngine answers relocations of mutated targets and modules, or refuses these with a BtfError", () => {
  const local = new BtfBuilder();
  const { type, enumeration, callback } = someTypes(local);
  const [whole, first] = [local.string("0"), local.string("0:0")];
  const paths = ["0:0", "0:1:0:0", "0:1:0:1", "0:1:0:2:1", "0:1:1", "0:1:2", "0:2"].map((path) =>
    local.string(path)
  );
  const relocations = [
    ...[0, 1, 2, 3, 4, 5].flatMap((kind) => paths.map((access) => ({ type, access, kind }))),
    ...[6, 7, 8, 9, 12].flatMap((kind) =>
      [type, enumeration, callback].map((type) => ({ type, access: whole, kind }))
    ),
    ...[10, 11].map((kind) => ({ type: enumeration, access: whole, kind })),
    { type: callback, access: first, kind: 0 },
  ];
  const localBytes = local.build();
  const base = new BtfBuilder();
  base.int("base", 4);
  const [baseBytes, targetBytes] = [
    base.build(),
    (() => {
      const target = new BtfBuilder();
      someTypes(target);
      return target.build();
    })(),
  ];
  const module = new BtfBuilder(base);
  someTypes(module);
  const moduleBytes = module.build();
  const random = randomNumbers(7);
  let [answered, refused] = [0, 0];
  for (let round = 0; round < 3000; round++) {
    const isModule = round % 2 === 1;
    const bytes = (isModule ? moduleBytes : targetBytes).slice();
    for (let changes = random(4); changes >= 0; changes--) {
      // Mostly types, whose ids, kinds, lengths and sizes are small numbers.
      bytes[random(4) === 0 ? random(bytes.length) : 24 + random(bytes.length - 24)] = random(2)
        ? random(32)
        : random(256);
    }
    const engine = new CoreEngine(localBytes);
    for (const { type } of relocations) engine.wantType(type);
    const externs = [engine.wantName("v", BtfKind.VAR), engine.wantName("f", BtfKind.FUNC)];
    const fill = (buffer: Uint8Array) => buffer.set(bytes);
    try {
      if (isModule) {
        engine.openTarget("the target", baseBytes.length, (buffer) => buffer.set(baseBytes));
        engine.openModule("the module", bytes.length, fill);
      } else {
        engine.openTarget("the target", bytes.length, fill);
      }
      answered++;
    } catch (error) {
      assert.ok(error instanceof BtfError, `round ${round}: ${error}`);
      assert.doesNotMatch(error.message, /the engine failed/);
      refused++;
    }
    for (const relocation of relocations) {
      const result = engine.relocate({ offset: 0, ...relocation });
      if (typeof result === "string") {
        assert.doesNotMatch(result, /the engine failed|error -/, `round ${round}`);
      }
    }
    for (const wanted of externs) engine.isCompatible(type, wanted);
  }
  assert.ok(answered > 500 && refused > 500, `${answered} answered, ${refused} refused`);
});
