import assert from "node:assert/strict";
import { BtfKind } from "./btf/btf.ts";
import { BtfBuilder } from "./btf/testing_btf.ts";
import { BtfError, CoreEngine, type RelocationResult } from "./core.ts";
import { accessToB, openTarget, Relo, relocateAll } from "./testing_core.ts";

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
