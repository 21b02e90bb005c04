/**
 * What attaching needs of this machine: each requirement with its test and its remedy, the first ones without which
 * the others cannot be judged.
 *
 * @module
 */
import { BpfMapType } from "../elf/mod.ts";
import {
  type AskedCall,
  BpfCommand,
  bpfOpen,
  type CapabilityName,
  effectiveCapabilities,
  Errno,
  hasCapability,
  hasSeccompFilter,
  isErrno,
  MAP_CREATE_ATTR,
  messageOf,
  refusedCalls,
  stat,
} from "../syscall/mod.ts";
import { BTF_REMEDY, VMLINUX_BTF } from "./btf/kernel_btf.ts";

/** What is missing. */
export interface Shortcoming {
  readonly detail: string;
  /** What to do about it, where that is known. */
  readonly remedy?: string;
}

/** A shortcoming in one clause: `no BTF: use another kernel`. */
export function describeShortcoming({ detail, remedy }: Shortcoming): string {
  return remedy === undefined ? detail : `${detail}: ${remedy}`;
}

/** What takes the place of CAP_SYS_ADMIN since Linux 5.8: `man 7 capabilities`. */
const NEEDED_CAPABILITIES = ["CAP_BPF", "CAP_PERFMON"] as const satisfies readonly CapabilityName[];

/** The capabilities that attaching needs and a set does not hold. */
export function missingCapabilities(held: bigint): readonly CapabilityName[] {
  if (hasCapability(held, "CAP_SYS_ADMIN")) return [];
  return NEEDED_CAPABILITIES.filter((name) => !hasCapability(held, name));
}

function capabilityShortcoming(): Shortcoming | undefined {
  const missing = missingCapabilities(effectiveCapabilities());
  if (missing.length === 0) return undefined;
  return {
    detail: `${missing.join(" and ")} missing`,
    remedy: "run as root, or grant the capabilities to the process",
  };
}

/** Why system calls are refused; undefined if they are not. */
export function refusal(calls: readonly AskedCall[]): Shortcoming | undefined {
  const refused = refusedCalls(calls);
  if (refused.length === 0) return undefined;
  const names = refused.join(" and ");
  return hasSeccompFilter()
    ? {
      detail: `a seccomp filter forbids ${names}`,
      remedy:
        "use a profile that allows bpf, perf_event_open, statx and getdents64 (Kubernetes: seccompProfile of " +
        "type Localhost or Unconfined; Docker and Podman: --security-opt seccomp=FILE; systemd: SystemCallFilter)",
    }
    : { detail: `this kernel does not offer ${names}`, remedy: "use one that is built with it" };
}

/** Whether BTF can be found; any other reason is reported unchanged. */
function btfShortcoming(): Shortcoming | undefined {
  try {
    stat(VMLINUX_BTF);
    return undefined;
  } catch (error) {
    return isErrno(error, Errno.ENOENT, Errno.ENOTDIR)
      ? {
        detail: `the kernel shows no BTF in ${VMLINUX_BTF}`,
        remedy: BTF_REMEDY,
      }
      : { detail: messageOf(error) };
  }
}

function bpfShortcoming(): Shortcoming | undefined {
  try {
    bpfOpen(BpfCommand.MAP_CREATE, MAP_CREATE_ATTR, {
      map_type: BpfMapType.ARRAY,
      key_size: 4,
      value_size: 8,
      max_entries: 1,
      map_name: "ktm_preflight",
    }, "create a BPF map").close();
    return undefined;
  } catch (error) {
    // No filter, and the capabilities are there.
    const hint = isErrno(error, Errno.EPERM, Errno.EACCES)
      ? "; a security module forbids it, the capabilities are those of a user namespace, or, before Linux 5.11, the " +
        "limit on locked memory is too low"
      : "";
    return { detail: messageOf(error) + hint };
  }
}

/** Everything without which nothing can be attached. */
export const REQUIREMENTS = {
  capabilities: capabilityShortcoming,
  // Older kernels say the same of a missing capability, which is looked at first.
  "system calls": () => refusal(["bpf", "statx", "getdents64"]),
  btf: btfShortcoming,
  bpf: bpfShortcoming,
} as const satisfies Readonly<Record<string, () => Shortcoming | undefined>>;

/** The first reason why nothing can be attached on this machine; undefined if none is known. */
export function firstShortcoming(): Shortcoming | undefined {
  for (const test of Object.values(REQUIREMENTS)) {
    const shortcoming = test();
    if (shortcoming !== undefined) return shortcoming;
  }
  return undefined;
}
