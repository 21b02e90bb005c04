/** BTF of kernel modules: split off the kernel's own, and searched for what that lacks. */
import assert from "node:assert/strict";
import { BtfKind } from "./btf/btf.ts";
import { BtfBuilder } from "./btf/testing_btf.ts";
import { BtfError, CoreEngine, type RelocationResult } from "./core.ts";

/** `enum bpf_core_relo_kind`. Source: include/uapi/linux/bpf.h. */
const FIELD_BYTE_OFFSET = 0;
const TYPE_ID_TARGET = 7;

function openTarget(engine: CoreEngine, btf: BtfBuilder): void {
  const bytes = btf.build();
  engine.openTarget("the kernel", bytes.length, (buffer) => buffer.set(bytes));
}

function openModule(engine: CoreEngine, btf: BtfBuilder): number {
  const bytes = btf.build();
  return engine.openModule("the module", bytes.length, (buffer) => buffer.set(bytes));
}

/** A kernel that has `u64` and `struct own`, and nothing else. */
function kernel(): { btf: BtfBuilder; u64: number } {
  const btf = new BtfBuilder();
  const u64 = btf.int("u64", 8);
  btf.struct("own", 8, [["field", u64, 0]]);
  return { btf, u64 };
}

/** A program that accesses `field` of a structure. */
function program(struct: string) {
  const btf = new BtfBuilder();
  const type = btf.struct(struct, 8, [["field", btf.int("u64", 8), 0]]);
  const [access, whole] = [btf.string("0:0"), btf.string("0")];
  return {
    engine: new CoreEngine(btf.build()),
    type,
    field: { offset: 0, type, access, kind: FIELD_BYTE_OFFSET },
    id: { offset: 0, type, access: whole, kind: TYPE_ID_TARGET },
  };
}

Deno.test("openModule() finds a type that the kernel lacks, whose members are of the kernel's types", () => {
  const { engine, type, field, id } = program("extra___mine");
  engine.wantType(type);
  const { btf, u64 } = kernel();
  openTarget(engine, btf);
  assert.equal(engine.lacksType(type), true);
  const module = new BtfBuilder(btf);
  const found = module.struct("extra", 64, [["x", u64, 0], ["field", u64, 192]]);
  assert.equal(openModule(engine, module), 1);
  assert.equal(engine.lacksType(type), false);
  const { value, size } = engine.relocate(field) as RelocationResult;
  assert.deepEqual([value, size], [24n, 8]);
  assert.equal((engine.relocate(id) as RelocationResult).value, BigInt(found));
});

Deno.test("openModule() uses names that are among the kernel's strings", () => {
  const { engine, type, field } = program("extra");
  engine.wantType(type);
  const { btf, u64 } = kernel();
  const [extra, fieldName] = [btf.string("extra"), btf.string("field")];
  openTarget(engine, btf);
  const module = new BtfBuilder(btf);
  module.add("", BtfKind.INT << 24, 1, [8]);
  // A structure whose own name and that of its member are offsets into the strings of the kernel.
  const bytes = (() => {
    module.add("", BtfKind.STRUCT << 24 | 1, 16, [fieldName, u64, 64]);
    return module.build();
  })();
  const header = 24;
  const int = 16;
  new DataView(bytes.buffer).setUint32(header + int, extra, true);
  engine.openModule("the module", bytes.length, (buffer) => buffer.set(bytes));
  assert.equal((engine.relocate(field) as RelocationResult).value, 8n);
});

Deno.test("openModule() changes nothing about a type that the kernel has", () => {
  const { engine, type, field } = program("own");
  engine.wantType(type);
  const { btf, u64 } = kernel();
  openTarget(engine, btf);
  const module = new BtfBuilder(btf);
  module.struct("own", 64, [["field", u64, 320]]);
  openModule(engine, module);
  assert.equal((engine.relocate(field) as RelocationResult).value, 0n);
});

Deno.test("openModule() makes types of several modules candidates, which must agree", () => {
  const relocated = (offsets: readonly number[]) => {
    const { engine, type, field } = program("extra");
    engine.wantType(type);
    const { btf, u64 } = kernel();
    openTarget(engine, btf);
    for (const offset of offsets) {
      const module = new BtfBuilder(btf);
      module.struct("extra", 64, [["field", u64, offset]]);
      openModule(engine, module);
    }
    return engine.relocate(field);
  };
  assert.equal((relocated([128, 128]) as RelocationResult).value, 16n);
  assert.match(String(relocated([128, 64])), /^ambiguous/);
});

Deno.test("foundIn() tells the kernel from its modules, of which the first one counts", () => {
  const engine = new CoreEngine(new BtfBuilder().build());
  const { btf, u64 } = kernel();
  const function_ = btf.function("in_both", btf.prototype(0, []));
  const wanted = ["in_both", "in_second", "in_none"].map((name) => engine.wantName(name, BtfKind.FUNC));
  const variable = engine.wantName("counter", BtfKind.VAR);
  openTarget(engine, btf);
  const empty = new BtfBuilder(btf);
  empty.struct("of_no_interest", 8, []);
  const modules = [1, 2].map(() => {
    const module = new BtfBuilder(btf);
    module.function("in_both", module.prototype(0, []));
    return { module, id: module.function("in_second", module.prototype(u64, [])) };
  });
  const counter = modules[1]!.module.variable("counter", u64);
  const numbers = [empty, ...modules.map(({ module }) => module)].map((module) => openModule(engine, module));
  assert.deepEqual(numbers, [1, 2, 3]);
  assert.deepEqual(wanted.map((name) => engine.foundType(name)), [function_, modules[0]!.id, 0]);
  assert.deepEqual(wanted.map((name) => engine.foundIn(name)), [0, 2, 0]);
  assert.deepEqual([engine.foundType(variable), engine.foundIn(variable)], [counter, 3]);
});

Deno.test("wantName() takes a name as a whole, also one that looks like a flavour", () => {
  const engine = new CoreEngine(new BtfBuilder().build());
  const wanted = ["run", "run___fast"].map((name) => engine.wantName(name, BtfKind.FUNC));
  const btf = new BtfBuilder();
  const id = btf.function("run___fast", btf.prototype(0, []));
  openTarget(engine, btf);
  assert.deepEqual(wanted.map((name) => engine.foundType(name)), [0, id]);
});

Deno.test("isCompatible() compares prototypes of functions, in the kernel and in modules", () => {
  const local = new BtfBuilder();
  const int = local.int("int", 4, { signed: true });
  const task = local.pointer(local.struct("task_struct___mine", 0, []));
  const externs: [name: string, prototype: number, fits: boolean][] = [
    ["same", local.prototype(int, [task]), true],
    ["other_result", local.prototype(0, [task]), false],
    ["more_parameters", local.prototype(int, [task, int]), false],
    ["of_module", local.prototype(int, [local.const(task)]), true],
    ["of_none", local.prototype(int, []), false],
  ];
  const ids = externs.map(([name, prototype]) => local.function(name, prototype));
  const engine = new CoreEngine(local.build());
  const wanted = externs.map(([name]) => engine.wantName(name, BtfKind.FUNC));
  const btf = new BtfBuilder();
  const prototype = btf.prototype(btf.int("int", 4, { signed: true }), [btf.pointer(btf.struct("t", 8, []))]);
  for (const name of ["same", "other_result", "more_parameters"]) btf.function(name, prototype);
  openTarget(engine, btf);
  const module = new BtfBuilder(btf);
  module.function("of_module", prototype);
  openModule(engine, module);
  externs.forEach(([name, , fits], index) => {
    assert.equal(engine.isCompatible(ids[index]!, wanted[index]!), fits, name);
  });
});

Deno.test("isCompatible() compares the types of variables behind their qualifiers", () => {
  const local = new BtfBuilder();
  const int = local.int("int", 4, { signed: true });
  const cases: [name: string, type: number, fits: boolean][] = [
    ["number", local.const(int), true],
    ["structure", local.struct("s", 4, []), true],
    ["pointer", int, false],
  ];
  const ids = cases.map(([name, type]) => local.variable(name, type));
  const engine = new CoreEngine(local.build());
  const wanted = cases.map(([name]) => engine.wantName(name, BtfKind.VAR));
  const btf = new BtfBuilder();
  const long = btf.int("long", 8, { signed: true });
  btf.variable("number", btf.typedef("number_t", long));
  btf.variable("structure", btf.const(btf.struct("other", 8, [])));
  btf.variable("pointer", btf.pointer(long));
  openTarget(engine, btf);
  cases.forEach(([name, , fits], index) => {
    assert.equal(engine.isCompatible(ids[index]!, wanted[index]!), fits, name);
  });
});

Deno.test("openModule() rejects every prefix of a blob, and goes on with the next module", () => {
  const engine = new CoreEngine(new BtfBuilder().build());
  const wanted = engine.wantName("extra", BtfKind.STRUCT);
  const { btf, u64 } = kernel();
  openTarget(engine, btf);
  const module = new BtfBuilder(btf);
  const id = module.struct("extra", 8, [["field", u64, 0]]);
  const bytes = module.build();
  for (let length = 0; length < bytes.length; length++) {
    const open = () =>
      engine.openModule("a cut-off module", length, (buffer) => buffer.set(bytes.subarray(0, length)));
    assert.throws(open, (error: unknown) => error instanceof BtfError && error.source === "a cut-off module");
  }
  assert.equal(engine.foundType(wanted), 0);
  const number = engine.openModule("the module", bytes.length, (buffer) => buffer.set(bytes));
  assert.deepEqual([engine.foundType(wanted), engine.foundIn(wanted)], [id, number]);
});

Deno.test("openModule() takes back what it found in a module that turns out to be malformed", () => {
  const engine = new CoreEngine(new BtfBuilder().build());
  const wanted = engine.wantName("extra", BtfKind.STRUCT);
  const { btf } = kernel();
  openTarget(engine, btf);
  const malformed = new BtfBuilder(btf);
  malformed.struct("extra", 8, []);
  malformed.add("unknown", 99 << 24, 0);
  assert.throws(() => openModule(engine, malformed), /a type of unknown kind/);
  assert.deepEqual([engine.foundType(wanted), engine.foundIn(wanted)], [0, 0]);
});

Deno.test("openModule() rejects a module whose strings do not end, or whose names lie outside", () => {
  const { btf } = kernel();
  const bytes = (() => {
    const module = new BtfBuilder(btf);
    module.struct("extra", 8, []);
    return module.build();
  })();
  const open = (change: (view: DataView) => void) => {
    const engine = new CoreEngine(new BtfBuilder().build());
    openTarget(engine, btf);
    const copy = bytes.slice();
    change(new DataView(copy.buffer));
    return () => engine.openModule("the module", copy.length, (buffer) => buffer.set(copy));
  };
  assert.throws(open((view) => view.setUint8(bytes.length - 1, 65)), /begin and end with NUL/);
  assert.throws(open((view) => view.setUint32(24, 0xfffff, true)), /a name lies outside/);
});
