import assert from "node:assert/strict";
import { findReason as findAll, hasStatistics, type VerifierFinding } from "./verifier_log.ts";

/** Reason and instruction. */
function findReason(log: string): Omit<VerifierFinding, "context"> | undefined {
  const found = findAll(log);
  if (found === undefined) return undefined;
  const { context: _, ...rest } = found;
  return rest;
}

const STATISTICS = `\
verification time 49 usec
stack depth 0
processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

Deno.test("findReason() gives the last line before the statistics, and the instruction before it", () => {
  const log = `\
0: R1=ctx() R10=fp0
; int tp_open(__u64 *ctx) @ iomonitor.bpf.c:12
0: (b7) r2 = 0                        ; R2_w=0
; return *(__u64 *)0; @ iomonitor.bpf.c:15
1: (79) r0 = *(u64 *)(r2 +0)
R2 invalid mem access 'scalar'
${STATISTICS}`;
  assert.deepEqual(findReason(log), {
    reason: "R2 invalid mem access 'scalar'",
    instruction: 1,
  });
});

Deno.test("findReason() reads logs of 5.10, whose states look different", () => {
  const log = `\
; int tp_open(__u64 *ctx)
0: (b7) r2 = 0
1: R1=ctx(id=0,off=0,imm=0) R2_w=invP0 R10=fp0
; return *(__u64 *)0;
1: (79) r0 = *(u64 *)(r2 +0)
R2 invalid mem access 'inv'
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;
  assert.deepEqual(findReason(log), {
    reason: "R2 invalid mem access 'inv'",
    instruction: 1,
  });
});

Deno.test("findReason() prefers the reason of the report that Linux 7.3 adds, in one line", () => {
  const log = `\
0: R1=ctx() R10=fp0
; return value; @ a.c:3
0: (95) exit
R0 !read_ok

Verification failed: Register Type Safety: Unreadable register

Reason:
  R0 has never been initialized on this path,
  so the verifier cannot use it as an input.

At:
  insn 0
        | ^-- error: R0 is not readable
  Instruction context:
  >>> 0 | (95) exit

Causal path:
  no retained diagnostic events on this path

Suggestion:
  Initialize R0 on every path before this instruction.

${STATISTICS}`;
  assert.deepEqual(findReason(log), {
    reason: "R0 has never been initialized on this path, so the verifier cannot use it as an input",
    instruction: 0,
  });
});

Deno.test("findReason() falls back on the classic line if the report is cut off", () => {
  const log = "0: (95) exit\nR0 !read_ok\n\nVerification failed: Register Type Safety\n\nReas";
  assert.deepEqual(findReason(log), { reason: "R0 !read_ok", instruction: 0 });
});

Deno.test("findReason() takes no state of any frame for a reason", () => {
  const log = `\
invalid indirect read from stack R2 off -8+0 size 8
from 12 to 15: R0=0 R10=fp0
frame1: R0_w=map_value(ks=4,vs=8) R10=fp0
R6_rw=scalar() R10=fp0
18: (85) call bpf_map_lookup_elem#1
mark_precise: frame0: last_idx 18 first_idx 0
${STATISTICS}`;
  assert.deepEqual(findReason(log), { reason: "invalid indirect read from stack R2 off -8+0 size 8" });
});

Deno.test("findReason() names the loop that has no end, not the states that follow", () => {
  const log = `\
6: (79) r2 = *(u64 *)(r10 -8)         ; R2=scalar() R10=fp0 fp-8=mmmmmmmm
7: (15) if r2 == 0x0 goto pc-14       ; R2=1
22: (05) goto pc-16
infinite loop detected at insn 7
cur state: R0=scalar() R1=scalar(id=1) R10=fp0 fp-8=mmmm????
old state: R0=scalar() R1=scalar(id=1) R10=fp0 fp-8=mmmm????
${STATISTICS}`;
  assert.deepEqual(findReason(log), { reason: "infinite loop detected at insn 7", instruction: 7 });
});

Deno.test("findReason() says how complex a program is, and how complex it may be", () => {
  const log = `\
10: (1d) if r2 == r1 goto pc+1        ; R1=0x10000000000 R2=0x28b0a
BPF program is too large. Processed 1000001 insn
processed 1000001 insns (limit 1000000) max_states_per_insn 4 total_states 16668 peak_states 16668
`;
  assert.deepEqual(findReason(log), {
    reason: "the program is too complex: processed 1000001 insns (limit 1000000)",
    instruction: 10,
  });
  assert.deepEqual(findReason("BPF program is too large. Processed 1000001 insn\n"), {
    reason: "the program is too complex: processed 1000001 insns",
  });
});

Deno.test("findReason() looks at the end of a log only", () => {
  const lines = Array.from({ length: 1_000_000 }, (_, index) => `${index}: (b7) r0 = 0`);
  assert.deepEqual(findReason(`${lines.join("\n")}\nR1 !read_ok\n${STATISTICS}`), {
    reason: "R1 !read_ok",
    instruction: 999_999,
  });
});

Deno.test("hasStatistics() tells a log that goes on to its end", () => {
  assert.deepEqual([hasStatistics(STATISTICS), hasStatistics("0: (95) exit\n")], [true, false]);
});

Deno.test("findReason() reads a message that has no instructions", () => {
  assert.deepEqual(findReason("Invalid license\n"), { reason: "Invalid license" });
});

Deno.test("findReason() finds nothing in a log that says nothing", () => {
  for (const log of ["", "\n\n", STATISTICS, "0: R1=ctx() R10=fp0\n0: (95) exit\n"]) {
    assert.equal(findReason(log), undefined, log);
  }
});

Deno.test("findReason() keeps the lines before the reason, and not all of a long log", () => {
  const lines = Array.from({ length: 100 }, (_, index) => `${index}: (b7) r0 = 0`);
  const { context, instruction } = findAll(`${lines.join("\n")}\nR1 !read_ok\n`)!;
  assert.deepEqual([instruction, context.at(-1), context.length < 20], [99, lines[99], true]);
});

Deno.test("findReason() cuts off statistics that follow the reason without an end of line", () => {
  const log = "missing btf func_info" +
    "processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0\n";
  assert.deepEqual(findReason(log), { reason: "missing btf func_info" });
});
