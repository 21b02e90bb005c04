import assert from "node:assert/strict";
import { BtfBuilder } from "../../elf/btf/testing_btf.ts";
import { parseBtf } from "../../elf/mod.ts";
import { findBtfReason } from "./log.ts";

const builder = new BtfBuilder();
builder.int("int", 4);
builder.variable("started", 1);
builder.struct("pair", 8, [["first", 1, 0]]);
builder.pointer(3);
const btf = parseBtf(builder.build());

const HEADER = "magic: 0xeb9f\nversion: 1\nflags: 0x0\nhdr_len: 24\n";

Deno.test("findBtfReason() names the variable whose place in a section is wrong", () => {
  const log = `${HEADER}[5] DATASEC .bss size=16 vlen=2
\t type_id=2 offset=0 size=1
[5] DATASEC .bss size=16 vlen=2
\t type_id=2 offset=0 size=1 Invalid size

`;
  assert.equal(findBtfReason(log, btf), "variable started: Invalid size");
});

Deno.test("findBtfReason() names the type that a line is about, or that the member of the line is in", () => {
  const reasons = {
    "[2] VAR started type_id=1 linkage=1 Invalid name": "variable started: Invalid name",
    "[3] STRUCT pair size=8 vlen=1\n\tfirst type_id=1 bits_offset=640 Member exceeds struct_size":
      "struct pair: Member exceeds struct_size",
    "[4] PTR (anon) type_id=3 Invalid type_id": "type 4: Invalid type_id",
    "[3] FWD pair struct vlen != 0": "struct pair: vlen != 0",
    "[1] INT int size=4 bits_offset=0 nr_bits=32 encoding=(none) Unsupported encoding":
      "type int: Unsupported encoding",
    "[9] FUNC_PROTO (anon) return=1 args=(1 a, 3 b, vararg) Invalid arg#1": "type 9: Invalid arg#1",
  };
  for (const [line, reason] of Object.entries(reasons)) {
    assert.equal(findBtfReason(`${HEADER}${line}\n`, btf), reason);
  }
});

Deno.test("findBtfReason() gives a reason that is about no type as it is", () => {
  assert.equal(findBtfReason(`${HEADER}Unsupported section found\n`, btf), "Unsupported section found");
});

Deno.test("findBtfReason() takes no description of a type for a reason", () => {
  const lines = [
    "",
    "\n",
    "[4] PTR (anon) type_id=3",
    "[3] FWD pair struct",
    "[1] INT int size=4 bits_offset=0 nr_bits=32 encoding=(none)",
    "[9] FUNC_PROTO (anon) return=1 args=(1 a, vararg)",
    "[9] FUNC_PROTO (anon) return=1 args=(void)",
    "[3] STRUCT pair size=8 vlen=1\n\tfirst type_id=1 bits_offset=0",
    "[3] STRUCT pair size=8 vlen=1\n\tfirst type_id=1 bitfield_size=3 bits_offset=0",
    "[6] ENUM kind size=4 vlen=1\n\tFIRST val=-1",
    "[5] DATASEC .bss size=16 vlen=1\n\t type_id=2 offset=0 size=4",
  ];
  for (const line of lines) assert.equal(findBtfReason(`${line}\n`, btf), undefined, line);
  assert.equal(findBtfReason("[4] PTR (anon) type_id=3\n[5] DATASEC .bss siz", btf), undefined);
});
