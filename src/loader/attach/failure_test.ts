import assert from "node:assert/strict";
import { parseSectionName } from "../../elf/mod.ts";
import { Errno, processId, SyscallError } from "../../syscall/mod.ts";
import { KernelConfig } from "../kernel/config.ts";
import { absenceHint, attachHint } from "./failure.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

function hint(section: string, errno: number): string | undefined {
  const { kind, target } = parseSectionName(section)!;
  return attachHint(kind, target, new SyscallError("attach", "bpf(BPF_RAW_TRACEPOINT_OPEN)", errno));
}

Deno.test("attachHint() names the raw tracepoint that the kernel does not have", () => {
  assert.match(hint("raw_tp/no_such", Errno.ENOENT)!, /^this kernel has no raw tracepoint no_such; /);
  assert.equal(hint("raw_tp/no_such", Errno.EINVAL), undefined);
});

Deno.test("attachHint() says what a kernel lacks that cannot call programs from functions", () => {
  assert.match(hint("fexit/f", Errno.ENOTSUPP)!, /cannot call fexit programs .*CONFIG_FUNCTION_TRACER=y/);
  assert.equal(hint("tp_btf/sched_switch", Errno.ENOTSUPP), undefined);
});

Deno.test("absenceHint() blames the kernel's configuration for LSM hooks that are not there, where it is known", () => {
  const { target: hook } = parseSectionName("lsm/file_open")!.kind;
  const { target: tracepoint } = parseSectionName("tp_btf/sched_switch")!.kind;
  const without = () => new KernelConfig("CONFIG_BPF=y");
  assert.match(absenceHint(hook!, without), /^; it is built without CONFIG_BPF_LSM=y/);
  assert.equal(absenceHint(hook!, () => new KernelConfig("CONFIG_BPF_LSM=y")), "");
  assert.equal(absenceHint(hook!, () => undefined), "");
  assert.equal(absenceHint(tracepoint!, without), "");
});
