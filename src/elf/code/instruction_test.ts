import assert from "node:assert/strict";
import type { RelocationResult } from "../core.ts";
import { instructionBytes } from "../testing_elf.ts";
import { Instructions, PseudoSource } from "./instruction.ts";

/** Codes of include/uapi/linux/bpf.h. */
const LD_IMM64 = 0x18;
const LDX_DW = 0x79;
const LDX_W = 0x61;
const LDX_H = 0x69;
const LDX_B = 0x71;
/** BPF_LDX | BPF_MEMSX, of -mcpu=v4. */
const LDXS_W = 0x81;
const LDXS_H = 0x89;
const ST_W = 0x62;
const STX_DW = 0x7b;
const MOV64_K = 0xb7;
const ADD64_X = 0x0f;
const MOV32_K = 0xb4;
const JA = 0x05;

/** "call 0xbad2310" in bytes: what libbpf, too, leaves behind. */
const POISON = [0x85, 0, 0, 0, 0x10, 0x23, 0xad, 0x0b];

function result(fields: Partial<RelocationResult>): RelocationResult {
  return {
    original: 0n,
    value: 0n,
    originalSize: 0,
    size: 0,
    poison: false,
    validate: true,
    unsafeSize: false,
    ...fields,
  };
}

type Instruction = readonly [code: number, registers: number, offset: number, immediate: number];

function apply(instructions: readonly Instruction[], fields: Partial<RelocationResult>) {
  const bytes = instructionBytes(...instructions);
  const problem = new Instructions(bytes).apply(0, result(fields));
  return { problem, bytes: [...bytes] };
}

const bytesOf = (...instructions: Instruction[]) => [...instructionBytes(...instructions)];

Deno.test("apply() changes the immediate of ALU instructions of both widths, and nothing else", () => {
  for (const code of [MOV64_K, MOV32_K]) {
    const { problem, bytes } = apply([[code, 0x21, 5, 16]], { original: 16n, value: 40n });
    assert.equal(problem, undefined);
    assert.deepEqual(bytes, bytesOf([code, 0x21, 5, 40]));
  }
});

Deno.test("apply() stores a negative value of 32 bits", () => {
  const { bytes } = apply([[MOV64_K, 0, 0, 1]], { original: 1n, value: BigInt.asUintN(64, -2n) });
  assert.deepEqual(bytes, bytesOf([MOV64_K, 0, 0, -2]));
});

Deno.test("apply() refuses an ALU instruction whose operand is a register", () => {
  assert.match(apply([[ADD64_X, 0x21, 0, 0]], {}).problem!, /register/);
});

Deno.test("apply() changes the offset of loads and stores", () => {
  for (const code of [LDX_DW, LDX_B, ST_W, STX_DW]) {
    const { problem, bytes } = apply([[code, 0x12, 8, 3]], {
      original: 8n,
      value: 32767n,
      originalSize: 4,
      size: 4,
    });
    assert.equal(problem, undefined);
    assert.deepEqual(bytes, bytesOf([code, 0x12, 32767, 3]));
  }
});

Deno.test("apply() changes the width of a load with the width of the field", () => {
  const codes: [number, number][] = [[8, LDX_DW], [4, LDX_W], [2, LDX_H], [1, LDX_B]];
  for (const [from, code] of codes) {
    for (const [to, wanted] of codes) {
      const { problem, bytes } = apply([[code, 0x10, 4, 0]], {
        original: 4n,
        value: 6n,
        originalSize: from,
        size: to,
      });
      assert.equal(problem, undefined);
      assert.deepEqual(bytes, bytesOf([wanted, 0x10, 6, 0]));
    }
  }
});

Deno.test("apply() refuses a width that no load has, or that the instruction does not have", () => {
  const wide = apply([[LDX_DW, 0, 0, 0]], { originalSize: 8, size: 16 });
  assert.match(wide.problem!, /8 bytes cannot become one of 16/);
  const other = apply([[LDX_W, 0, 0, 0]], { originalSize: 8, size: 4 });
  assert.match(other.problem!, /8 bytes cannot become one of 4/);
});

Deno.test("apply() refuses an offset that does not fit 16 bits", () => {
  assert.match(apply([[LDX_DW, 0, 0, 0]], { value: 32768n }).problem!, /32768 does not fit/);
});

Deno.test("apply() changes both halves of a 64-bit immediate", () => {
  const { problem, bytes } = apply([[LD_IMM64, 1, 0, 7], [0, 0, 0, 0]], {
    original: 7n,
    value: 0x1122_3344_5566_7788n,
  });
  assert.equal(problem, undefined);
  assert.deepEqual(bytes, bytesOf([LD_IMM64, 1, 0, 0x55667788], [0, 0, 0, 0x11223344]));
});

Deno.test("apply() refuses a 64-bit immediate that refers to a map or is cut off", () => {
  assert.match(apply([[LD_IMM64, 0x11, 0, 0], [0, 0, 0, 0]], {}).problem!, /not a 64-bit immediate/);
  assert.match(apply([[LD_IMM64, 1, 0, 0]], {}).problem!, /not a 64-bit immediate/);
});

Deno.test("apply() refuses a 64-bit immediate with an offset, or whose second half is not bare", () => {
  const plain: Instruction[] = [[LD_IMM64, 1, 0, 0], [0, 0, 0, 0]];
  assert.equal(apply(plain, {}).problem, undefined);
  const changed: Instruction[][] = [
    [[LD_IMM64, 1, 4, 0], plain[1]!],
    [plain[0]!, [MOV64_K, 0, 0, 0]],
    [plain[0]!, [0, 1, 0, 0]],
    [plain[0]!, [0, 0, 1, 0]],
  ];
  for (const instructions of changed) {
    assert.match(apply(instructions, {}).problem!, /not a 64-bit immediate/);
  }
});

Deno.test("apply() takes what an instruction holds for a signed number of 64 bits", () => {
  const minusOne = BigInt.asUintN(64, -1n);
  assert.equal(apply([[MOV64_K, 0, 0, -1]], { original: minusOne, value: 1n }).problem, undefined);
  assert.match(apply([[MOV64_K, 0, 0, -1]], { original: 0xffff_ffffn }).problem!, /holds -1/);
  assert.match(apply([[MOV64_K, 0, 0, 5]], { original: 0x1_0000_0005n }).problem!, /holds 5/);
  assert.match(apply([[LDX_W, 0, 8, 0]], { original: 0x1_0008n }).problem!, /holds 8/);
});

Deno.test("apply() keeps the sign extension of a load that changes its width", () => {
  const { bytes } = apply([[LDXS_W, 0x12, 8, 0]], { original: 8n, value: 16n, originalSize: 4, size: 2 });
  assert.deepEqual(bytes, bytesOf([LDXS_H, 0x12, 16, 0]));
});

Deno.test("apply() refuses an instruction that does not hold what it should, unless told not to look", () => {
  const held: [Instruction[], RegExp][] = [
    [[[MOV64_K, 0, 0, 3]], /holds 3, not 16/],
    [[[LDX_W, 0, 3, 0]], /holds 3, not 16/],
    [[[LD_IMM64, 0, 0, 3], [0, 0, 0, 0]], /holds 3, not 16/],
  ];
  for (const [instructions, message] of held) {
    const { problem, bytes } = apply(instructions, { original: 16n, value: 24n });
    assert.match(problem!, message);
    assert.deepEqual(bytes, bytesOf(...instructions));
    assert.equal(apply(instructions, { original: 16n, value: 24n, validate: false }).problem, undefined);
  }
});

Deno.test("apply() refuses jumps and offsets where no instruction begins", () => {
  assert.match(apply([[JA, 0, 1, 0]], {}).problem!, /code 0x5 cannot be relocated/);
  const instructions = new Instructions(instructionBytes([MOV64_K, 0, 0, 0]));
  for (const offset of [4, 8, 16]) assert.match(instructions.apply(offset, result({}))!, /no instruction/);
});

Deno.test("apply() poisons what the target lacks, in both halves of a 64-bit immediate", () => {
  assert.deepEqual(apply([[LDX_W, 0x12, 4, 0]], { poison: true }).bytes, POISON);
  const both = apply([[LD_IMM64, 1, 0, 5], [0, 0, 0, 0], [MOV64_K, 0, 0, 1]], { poison: true });
  assert.deepEqual(both.bytes, [...POISON, ...POISON, ...bytesOf([MOV64_K, 0, 0, 1])]);
});

Deno.test("apply() poisons a 64-bit immediate that is cut off without leaving the program", () => {
  const bytes = instructionBytes([LD_IMM64, 1, 0, 5]);
  const instructions = new Instructions(bytes);
  assert.equal(instructions.apply(0, result({ poison: true })), undefined);
  assert.equal(instructions.isPoisoned(0), true);
});

Deno.test("apply() poisons a load of a field whose size cannot be followed, but changes an immediate", () => {
  assert.deepEqual(apply([[LDX_W, 0, 0, 0]], { unsafeSize: true }).bytes, POISON);
  const { bytes } = apply([[MOV64_K, 0, 0, 0]], { unsafeSize: true, value: 9n });
  assert.deepEqual(bytes, bytesOf([MOV64_K, 0, 0, 9]));
});

Deno.test("setReference() writes the pseudo source, the descriptor and the place, and keeps the destination", () => {
  const bytes = instructionBytes([LD_IMM64, 0x03, 0, 12], [0, 0, 0, 0]);
  new Instructions(bytes).setReference(0, PseudoSource.MAP_VALUE, 7, 64);
  assert.deepEqual([...bytes], bytesOf([LD_IMM64, 0x23, 0, 7], [0, 0, 0, 64]));
});

Deno.test("isLoadImmediate64() wants both halves at the start of an instruction", () => {
  const instructions = new Instructions(
    instructionBytes([LD_IMM64, 0, 0, 0], [0, 0, 0, 0], [LD_IMM64, 0, 0, 0]),
  );
  assert.deepEqual([0, 4, 8, 16, 24].map((offset) => instructions.isLoadImmediate64(offset)), [
    true,
    false,
    false,
    false,
    false,
  ]);
});
