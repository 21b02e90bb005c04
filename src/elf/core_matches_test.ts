/** BPF_CORE_TYPE_MATCHES: a local type against one of the target, rule by rule. */
import assert from "node:assert/strict";
import { BtfBuilder } from "./btf/testing_btf.ts";
import { CoreEngine } from "./core.ts";

/** `enum bpf_core_relo_kind`. Source: include/uapi/linux/bpf.h. */
const TYPE_EXISTS = 8;
const TYPE_MATCHES = 12;

/** Builds types and gives the id of the one that counts. */
type Build = (btf: BtfBuilder) => number;

/** The answer of a relocation from the local type to the target. */
function answer(local: Build, target: Build, kind: number): bigint | string {
  const [localBtf, targetBtf] = [new BtfBuilder(), new BtfBuilder()];
  const type = local(localBtf);
  target(targetBtf);
  const access = localBtf.string("0");
  const engine = new CoreEngine(localBtf.build());
  engine.wantType(type);
  const bytes = targetBtf.build();
  engine.openTarget("the target", bytes.length, (buffer) => buffer.set(bytes));
  const result = engine.relocate({ offset: 0, type, access, kind });
  return typeof result === "string" ? result : result.value;
}

interface Rule {
  readonly what: string;
  readonly local: Build;
  readonly matching: readonly Build[];
  readonly different: readonly Build[];
}

/** `struct s { <member> m; }` */
const holding = (member: Build): Build => (btf) => {
  const type = member(btf);
  return btf.struct("s", 64, [["m", type, 0]]);
};

const int = (name: string, size: number, signed = false): Build => (btf) => btf.int(name, size, { signed });
const pointerTo = (pointee: Build): Build => (btf) => btf.pointer(pointee(btf));
const void_: Build = () => 0;
const enumeration = (...names: string[]): Build => (btf) =>
  btf.enumeration("e", names.map((name, value) => [name, value]));
const struct = (name: string, ...members: string[]): Build => (btf) => {
  const u32 = btf.int("u32", 4);
  return btf.struct(name, 64, members.map((member, index) => [member, u32, index * 32]));
};
const union = (name: string): Build => (btf) => btf.union(name, 4, []);
const declared = (name: string, union = false): Build => (btf) => btf.forward(name, { union });
const prototype = (result: Build, ...parameters: Build[]): Build => (btf) => {
  const types = parameters.map((parameter) => parameter(btf));
  return btf.prototype(result(btf), types);
};

const RULES: readonly Rule[] = [
  {
    what: "members are looked for by name, in any order, among others",
    local: struct("s", "a", "b"),
    matching: [struct("s", "a", "b"), struct("s", "x", "b", "a")],
    different: [struct("s", "a"), struct("s", "a", "c"), struct("s", "a", "c", "d")],
  },
  {
    what: "flavours count neither in the name of the type nor in those of members",
    local: struct("s___mine", "a___mine"),
    matching: [struct("s", "a"), struct("s", "a___theirs")],
    different: [struct("s", "mine")],
  },
  {
    what: "integers have the same size and sign, and the same name",
    local: holding(int("n", 4, true)),
    matching: [holding(int("n", 4, true))],
    different: [holding(int("n", 8, true)), holding(int("n", 4)), holding(int("other", 4, true))],
  },
  {
    what: "qualifiers and typedefs do not count, whatever their names",
    local: holding(int("n", 4)),
    matching: [
      holding((btf) => btf.const(btf.typedef("number", int("n", 4)(btf)))),
      holding((btf) => btf.typedef("other", int("n", 4)(btf))),
    ],
    different: [holding((btf) => btf.pointer(int("n", 4)(btf)))],
  },
  {
    what: "arrays have the same length and matching elements",
    local: holding((btf) => btf.array(int("n", 4)(btf), 4)),
    matching: [holding((btf) => btf.array(int("n", 4)(btf), 4))],
    different: [
      holding((btf) => btf.array(int("n", 4)(btf), 5)),
      holding((btf) => btf.array(int("n", 8)(btf), 4)),
    ],
  },
  {
    what: "behind a pointer the members do not count, and a declaration is as good as a definition",
    local: holding(pointerTo(struct("inner", "a"))),
    matching: [
      holding(pointerTo(struct("inner", "other"))),
      holding(pointerTo(struct("inner___flavour"))),
      holding(pointerTo(declared("inner"))),
    ],
    different: [
      holding(pointerTo(struct("outer", "a"))),
      holding(pointerTo(union("inner"))),
      holding(pointerTo(declared("inner", true))),
      holding(pointerTo(pointerTo(struct("inner", "a")))),
      holding(pointerTo(void_)),
      holding(struct("inner", "a")),
    ],
  },
  {
    what: "a local declaration behind a pointer stands for the definition, a union's for that of a union",
    local: holding(pointerTo(declared("inner", true))),
    matching: [holding(pointerTo(union("inner"))), holding(pointerTo(declared("inner", true)))],
    different: [holding(pointerTo(struct("inner"))), holding(pointerTo(declared("inner")))],
  },
  {
    what: "a structure that is a member is compared with its members",
    local: holding(struct("inner", "a")),
    matching: [holding(struct("inner", "a", "b"))],
    different: [holding(struct("inner", "b")), holding(union("inner")), holding(declared("inner"))],
  },
  {
    what: "of several members without name one has to match",
    local: (btf) => {
      const inner = struct("", "a")(btf);
      return btf.struct("s", 4, [["", inner, 0]]);
    },
    matching: [(btf) => {
      const members = [union("")(btf), struct("", "b")(btf), struct("", "a")(btf)];
      return btf.struct("s", 4, members.map((member) => ["", member, 0]));
    }],
    different: [(btf) => {
      const members = [union("")(btf), struct("", "b")(btf)];
      return btf.struct("s", 4, members.map((member) => ["", member, 0]));
    }],
  },
  {
    what: "enumerators are looked for by name, whatever their values",
    local: enumeration("A", "B"),
    matching: [enumeration("B", "A"), enumeration("X", "B", "A___old")],
    different: [enumeration("A"), enumeration("A", "C")],
  },
  {
    what: "enumerations of 32 and 64 bits match if their sizes are the same",
    local: (btf) => btf.enumeration64("e", [["A", 0n]]),
    matching: [(btf) => btf.enumeration64("e", [["A", 1n << 40n], ["B", 2n]])],
    different: [enumeration("A")],
  },
  {
    what: "function pointers have as many parameters, each matching, and a matching result",
    local: holding(pointerTo(prototype(int("n", 4), int("n", 8), pointerTo(declared("inner"))))),
    matching: [holding(pointerTo(prototype(int("n", 4), int("n", 8), pointerTo(struct("inner", "a")))))],
    different: [
      holding(pointerTo(prototype(int("n", 4), int("n", 8)))),
      holding(pointerTo(prototype(int("n", 8), int("n", 8), pointerTo(struct("inner", "a"))))),
      holding(pointerTo(prototype(int("n", 4), int("n", 4), pointerTo(struct("inner", "a"))))),
      holding(pointerTo(prototype(int("n", 4), pointerTo(struct("inner", "a")), int("n", 8)))),
    ],
  },
  {
    what: "a typedef is found by its own name, and compared by what is behind it",
    local: (btf) => btf.typedef("number", int("n", 4)(btf)),
    matching: [(btf) => btf.typedef("number", int("n", 4)(btf))],
    different: [
      (btf) => btf.typedef("number", int("n", 8)(btf)),
      (btf) => btf.typedef("other", int("n", 4)(btf)),
      int("number", 4),
    ],
  },
];

for (const { what, local, matching, different } of RULES) {
  Deno.test(`types match: ${what}`, () => {
    matching.forEach((target, index) => {
      assert.equal(answer(local, target, TYPE_MATCHES), 1n, `matching ${index}`);
    });
    different.forEach((target, index) => {
      assert.equal(answer(local, target, TYPE_MATCHES), 0n, `different ${index}`);
    });
  });
}

Deno.test("types match: what merely exists may differ in members, sizes and signs", () => {
  const targets = [struct("s", "b"), struct("s"), holding(int("n", 8))];
  for (const target of targets) {
    assert.equal(answer(struct("s", "a"), target, TYPE_EXISTS), 1n);
    assert.equal(answer(struct("s", "a"), target, TYPE_MATCHES), 0n);
  }
});

Deno.test("types match: a structure that holds itself is nested too deeply", () => {
  const endless: Build = (btf) => btf.struct("s", 4, [["m", 1, 0]]);
  assert.equal(answer(endless, endless, TYPE_MATCHES), "nested too deeply");
});

Deno.test("types match: 32 structures in each other are too many, as in libbpf, and 31 are not", () => {
  const nested = (depth: number): Build => (btf) => {
    let type = btf.int("n", 4);
    for (let level = 1; level < depth; level++) {
      type = btf.struct(level === depth - 1 ? "s" : "t", 4, [["m", type, 0]]);
    }
    return type;
  };
  assert.equal(answer(nested(32), nested(32), TYPE_MATCHES), 1n);
  assert.equal(answer(nested(33), nested(33), TYPE_MATCHES), "nested too deeply");
});

Deno.test("types match: types that branch at every level are given up, not waited for", () => {
  const branching: Build = (btf) => {
    let type = btf.int("n", 4);
    for (let level = 0; level < 28; level++) {
      const inner = type;
      type = btf.struct(level === 27 ? "s" : "t", 4, [["a", inner, 0], ["b", inner, 0], ["c", inner, 0]]);
    }
    return type;
  };
  assert.match(String(answer(branching, branching, TYPE_MATCHES)), /too long/);
});
