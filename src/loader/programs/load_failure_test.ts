import assert from "node:assert/strict";
import { parseSectionName } from "../../elf/mod.ts";
import { capabilitySetOf, Errno, processId, SyscallError } from "../../syscall/mod.ts";
import { loadHint, needsTrampoline, unknownSection } from "./load_failure.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const kindOf = (section: string) => parseSectionName(section)!.kind;

const ADMIN = capabilitySetOf(["CAP_SYS_ADMIN"]);

function hint(section: string, errno: number, held: bigint = ADMIN): string {
  return loadHint(new SyscallError("load program p", "bpf(BPF_PROG_LOAD)", errno), kindOf(section), held);
}

Deno.test("needsTrampoline() is for programs on functions, not on tracepoints and iterators", () => {
  for (const section of ["fentry/f", "fexit.s/f", "fmod_ret/f", "lsm/file_open", "freplace/f"]) {
    assert.equal(needsTrampoline(kindOf(section)), true, section);
  }
  for (const section of ["tp_btf/sys_enter", "iter/task", "raw_tp/sys_enter", "kprobe/f", "tc"]) {
    assert.equal(needsTrampoline(kindOf(section)), false, section);
  }
});

Deno.test("unknownSection() knows USDT by its name", () => {
  for (const section of ["usdt", "usdt/libc:setjmp", "?usdt.s/./x:a:b"]) {
    assert.match(unknownSection(section), /^USDT is not supported/, section);
  }
  for (const section of ["usdts/x", "XDP"]) {
    assert.match(unknownSection(section), /^no kind of program/, section);
  }
});

Deno.test("loadHint() blames a kernel that forbids trampolines only if privileges are not what is missing", () => {
  assert.match(hint("fentry/f", Errno.EPERM), /forbids fentry programs even to CAP_SYS_ADMIN/);
  assert.match(hint("lsm/file_open", Errno.EPERM), /forbids lsm programs even/);
  assert.match(hint("fentry/f", Errno.EPERM, 0n), /^CAP_BPF and CAP_PERFMON missing/);
  assert.equal(hint("tp_btf/f", Errno.EPERM), "the kernel refuses this kind of program");
});

Deno.test("loadHint() takes an interruption for what it is", () => {
  for (const errno of [Errno.EAGAIN, Errno.EINTR]) {
    assert.match(hint("tc", errno), /^the kernel was interrupted/);
  }
});

Deno.test("loadHint() names the compiler of the kernel where that is missing", () => {
  assert.match(hint("raw_tp/f", Errno.ENOTSUPP), /CONFIG_BPF_JIT=y, and set net\.core\.bpf_jit_enable=1$/);
});

Deno.test("loadHint() names the kernel that brought a kind of program, where that may be the reason", () => {
  assert.equal(hint("netfilter", Errno.EINVAL), "the kernel refuses it; netfilter came with Linux 6.4");
  assert.equal(hint("xdp", Errno.EINVAL), "the kernel refuses it");
  assert.equal(hint("netfilter", Errno.ENOSPC), "the kernel refuses it");
});
