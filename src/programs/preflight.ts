/** What has to be there before anything else makes sense. @module */
import { BpfMapType } from "../elf/mod.ts";
import { VMLINUX_BTF } from "../loader/mod.ts";
import {
  type AskedCall,
  BpfCommand,
  bpfOpen,
  effectiveCapabilities,
  Errno,
  hasCapability,
  hasSeccompFilter,
  isErrno,
  MAP_CREATE_ATTR,
  refusedCalls,
  stat,
} from "../syscall/mod.ts";

/** System calls without which nothing can be watched. */
const NEEDED_CALLS: readonly AskedCall[] = ["bpf", "statx", "getdents64"];

/** Why system calls are refused, and what to do about it; undefined if they are not. */
export function refusal(calls: readonly AskedCall[]): string | undefined {
  const refused = refusedCalls(calls);
  if (refused.length === 0) return undefined;
  const names = refused.join(" and ");
  return hasSeccompFilter()
    ? `a seccomp filter forbids ${names}: use a profile that allows bpf, perf_event_open, statx and getdents64 ` +
      "(Kubernetes: seccompProfile of type Localhost or Unconfined; Docker and Podman: --security-opt seccomp=FILE; " +
      "systemd: SystemCallFilter)"
    : `this kernel does not offer ${names}: use one that is built with it`;
}

/** Whether BTF can be found; any other reason is reported unchanged. */
function btfProblem(): string | undefined {
  try {
    stat(VMLINUX_BTF);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT, Errno.ENOTDIR)) return messageOf(error);
    return `the kernel shows no BTF in ${VMLINUX_BTF}: use a kernel built with CONFIG_DEBUG_INFO_BTF=y, and mount /sys`;
  }
}

function privilegeProblem(): string | undefined {
  const held = effectiveCapabilities();
  const missing = (["CAP_BPF", "CAP_PERFMON"] as const).filter((name) => !hasCapability(held, name));
  if (missing.length === 0 || hasCapability(held, "CAP_SYS_ADMIN")) return;
  return `${missing.join(" and ")} missing: run as root, or grant the capabilities to the process`;
}

function bpfProblem(): string | undefined {
  try {
    bpfOpen(BpfCommand.MAP_CREATE, MAP_CREATE_ATTR, {
      map_type: BpfMapType.ARRAY,
      key_size: 4,
      value_size: 8,
      max_entries: 1,
      map_name: "ktm_preflight",
    }, "create a BPF map").close();
  } catch (error) {
    // No filter, and the capabilities are there.
    const hint = isErrno(error, Errno.EPERM, Errno.EACCES)
      ? "; a security module forbids it, the capabilities are those of a user namespace, or, before Linux 5.11, the " +
        "limit on locked memory is too low"
      : "";
    return messageOf(error) + hint;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The first reason why nothing can be attached on this machine, with its remedy; undefined if none is known. */
export function preflight(): string | undefined {
  return privilegeProblem() ?? refusal(NEEDED_CALLS) ?? btfProblem() ?? bpfProblem();
}
