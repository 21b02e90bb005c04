/** What has to be there before anything else makes sense. @module */
import { BpfMapType } from "../../elf/mod.ts";
import { VMLINUX_BTF } from "../../loader/mod.ts";
import {
  BpfCommand,
  bpfOpen,
  effectiveCapabilities,
  hasCapability,
  MAP_CREATE_ATTR,
  stat,
} from "../../syscall/mod.ts";

function btfProblem(): string | undefined {
  try {
    stat(VMLINUX_BTF);
  } catch {
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
    return error instanceof Error ? error.message : String(error);
  }
}

/** The first reason why nothing can be attached on this machine, with its remedy; undefined if none is known. */
export function preflight(): string | undefined {
  return privilegeProblem() ?? btfProblem() ?? bpfProblem();
}
