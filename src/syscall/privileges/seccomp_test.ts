import assert from "node:assert/strict";
import { type FilteredCall, filterProgram } from "./seccomp.ts";

const AUDIT = { x86_64: 0xc000_003e, aarch64: 0xc000_00b7 };
const I386 = 0x4000_0003;
const PROCESS = 4711;
const ANSWERS: Readonly<Record<number, string>> = {
  0x7fff_0000: "allow",
  [0x5_0000 | 1]: "EPERM",
  [0x5_0000 | 38]: "ENOSYS",
};

type Architecture = keyof typeof AUDIT;

/** What the kernel would answer: classic BPF over `struct seccomp_data`, as `man 2 seccomp` describes it. */
function answer(
  number: number,
  args: readonly number[] = [],
  options: { architecture?: Architecture; audit?: number; allowed?: readonly FilteredCall[] } = {},
): string {
  const { architecture = "x86_64", allowed = [] } = options;
  const { audit = AUDIT[architecture] } = options;
  const words = new Map([
    [0, number],
    [4, audit],
    ...args.map((arg, index) => [16 + 8 * index, arg] as const),
  ]);
  const program = filterProgram(allowed, PROCESS, architecture);
  let accumulator = 0;
  for (let at = 0;; at++) {
    const [code, jt, jf, k] = program[at]!;
    if (code === 0x06) return ANSWERS[k]!;
    if (code === 0x20) accumulator = words.get(k) ?? 0;
    else if (code === 0x15) at += accumulator === k ? jt : jf;
    else if (code === 0x35) at += accumulator >= k ? jt : jf;
    else if (code === 0x45) at += (accumulator & k) !== 0 ? jt : jf;
    else assert.fail(`code ${code}`);
  }
}

// Numbers of `man 2 open`: O_RDONLY 0, O_WRONLY 1, O_RDWR 2, O_CREAT 0100, O_TRUNC 01000, O_CLOEXEC 02000000,
// O_DIRECTORY 0200000, O_PATH 010000000, and O_TMPFILE, which is O_DIRECTORY with one bit more.
const READING = [0, 0o2000000, 0o2200000, 0o12000000];
const WRITING = [1, 2, 0o2000001, 0o100, 0o1000, 0o101, 0o2000002, 0o20200002];

Deno.test("filterProgram() lets files be opened for reading, and not for writing, on both architectures", () => {
  for (const [architecture, openat] of [["x86_64", 257], ["aarch64", 56]] as const) {
    for (const flags of READING) {
      assert.equal(answer(openat, [0, 0, flags], { architecture }), "allow", flags.toString(8));
    }
    for (const flags of WRITING) {
      assert.equal(answer(openat, [0, 0, flags], { architecture }), "EPERM", flags.toString(8));
    }
  }
  assert.equal(answer(2, [0, 0o2000000]), "allow");
  assert.equal(answer(2, [0, 1]), "EPERM");
  assert.equal(answer(437, [0, 0, 0]), "ENOSYS");
});

Deno.test("filterProgram() refuses changes of names and modes, programs, and calls past the filter", () => {
  // rename, mkdirat, unlink, chmod, fchmod, execve, ptrace, process_vm_writev, io_uring_setup
  for (const number of [82, 258, 87, 90, 91, 59, 101, 311, 425]) assert.equal(answer(number), "EPERM");
  // The same on arm64 under its numbers: renameat, mkdirat, unlinkat, fchmod, execve, ptrace.
  for (const number of [38, 34, 35, 52, 221, 117]) {
    assert.equal(answer(number, [], { architecture: "aarch64" }), "EPERM");
  }
});

Deno.test("filterProgram() lets through what the agent does", () => {
  // read, write, mmap, ioctl, pread64, pwrite64, sendto, clone, fadvise64, epoll_wait, perf_event_open
  for (const number of [0, 1, 9, 16, 17, 18, 44, 56, 221, 232, 298]) {
    assert.equal(answer(number, [1, 1, 1]), "allow", String(number));
  }
});

Deno.test("filterProgram() lets sockets be made of IPv4 and IPv6, and not of the Unix domain", () => {
  for (const [architecture, socket] of [["x86_64", 41], ["aarch64", 198]] as const) {
    for (const family of [2, 10]) assert.equal(answer(socket, [family, 1], { architecture }), "allow");
    assert.equal(answer(socket, [1, 1], { architecture }), "EPERM");
  }
});

Deno.test("filterProgram() lets bpf() do all but pin", () => {
  assert.equal(answer(321, [5]), "allow");
  assert.equal(answer(321, [6]), "EPERM");
});

Deno.test("filterProgram() lets signals be sent to this process alone", () => {
  for (const kill of [62, 234]) {
    assert.equal(answer(kill, [PROCESS]), "allow");
    for (const other of [1, 0, -1, PROCESS + 1]) assert.equal(answer(kill, [other]), "EPERM", String(other));
  }
});

Deno.test("filterProgram() lets the limits of this process alone be set", () => {
  for (const own of [0, PROCESS]) assert.equal(answer(302, [own]), "allow", String(own));
  assert.equal(answer(302, [1]), "EPERM");
});

Deno.test("filterProgram() knows no calls of other tables", () => {
  // read of x32, and of a 32-bit program.
  assert.equal(answer(0x4000_0000), "ENOSYS");
  assert.equal(answer(3, [], { audit: I386 }), "ENOSYS");
});

Deno.test("filterProgram() lets through the calls that it is given", () => {
  const allowed = ["kill", "unlink"] as const;
  assert.equal(answer(62, [1], { allowed }), "allow");
  assert.equal(answer(87, [], { allowed }), "allow");
  assert.equal(answer(84, [], { allowed }), "EPERM");
});
