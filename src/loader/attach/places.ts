/** Places that programs attach to because somebody says so. @module */
import { type AttachKind, BpfAttachType, BpfProgramType, type ProgramKind } from "../../elf/mod.ts";
import {
  BpfCommand,
  bpfOpen,
  Errno,
  type FieldValues,
  fileSystemMagic,
  FsMagic,
  isErrno,
  type Layout,
  LINK_CREATE_ATTR,
  NETFILTER_LINK_ATTR,
  openFile,
} from "../../syscall/mod.ts";
import { interfaceIndex } from "../../syscall/network/interface.ts";
import { programFunction } from "../programs/functions.ts";
import type { BpfProgram } from "../programs/program.ts";
import { type Attachable, attachByProgram, type AttachPlace, BpfLink } from "./link.ts";

/** `BPF_LINK_CREATE`; a kernel that does not know a kind of links says EINVAL. */
function createLink<L extends Layout>(
  { name, kind, fd }: Attachable,
  place: string,
  layout: L,
  values: FieldValues<L>,
): BpfLink {
  const all = { prog_fd: fd.number, attach_type: kind.attachType, ...values };
  try {
    return new BpfLink([bpfOpen(BpfCommand.LINK_CREATE, layout, all, `attach program ${name} to ${place}`)]);
  } catch (error) {
    if (!isErrno(error, Errno.EINVAL) || kind.since === undefined) throw error;
    throw new Error(`${error.message}; links of ${kind.prefix} came with Linux ${kind.since}`, {
      cause: error,
    });
  }
}

const takesOnly = (attach: AttachKind) => (kind: ProgramKind) => kind.attach === attach;

/**
 * A cgroup of version 2: programs of `cgroup_skb`, `cgroup/...`, `sockops` and `lsm_cgroup` see what its processes and
 * those of the cgroups below it do.
 *
 * @param path its directory
 */
export function toCgroup(path: string): AttachPlace {
  const name = `cgroup ${path}`;
  return {
    name,
    takes: takesOnly("cgroup"),
    attach(program) {
      if (fileSystemMagic(path) !== FsMagic.CGROUP2) {
        throw new Error(`Cannot attach program ${program.name} to ${name}: it is no cgroup of version 2`);
      }
      using directory = openFile(path);
      return createLink(program, name, LINK_CREATE_ATTR, { target_fd: directory.number });
    },
  };
}

/**
 * A network interface, for programs of `xdp`, `tcx/...` (from 6.6 on) and `netkit/...` (from 6.7 on).
 *
 * @param interfaceName its name in the network namespace of this process: `eth0`
 */
export function toInterface(interfaceName: string): AttachPlace {
  const name = `interface ${interfaceName}`;
  return {
    name,
    takes: takesOnly("interface"),
    // A number of an interface stands where descriptors of other targets do.
    attach: (program) =>
      createLink(program, name, LINK_CREATE_ATTR, { target_fd: interfaceIndex(interfaceName) }),
  };
}

/**
 * A network namespace, for programs of `sk_lookup` and `flow_dissector`.
 *
 * @param path its file: `/proc/self/ns/net`
 */
export function toNetworkNamespace(path: string): AttachPlace {
  const name = `network namespace ${path}`;
  return {
    name,
    takes: takesOnly("network_namespace"),
    attach(program) {
      using file = openFile(path);
      return createLink(program, name, LINK_CREATE_ATTR, { target_fd: file.number });
    },
  };
}

/** A hook of netfilter, by the names that `nft` has. */
export interface NetfilterHook {
  /** Whose packets. */
  readonly family: "ipv4" | "ipv6";
  /** Where on their way. */
  readonly hook: "prerouting" | "input" | "forward" | "output" | "postrouting";
  /** When among the others at that hook, the lowest first; no two programs may have the same. */
  readonly priority: number;
}

/** Source: `NFPROTO_*` in `include/uapi/linux/netfilter.h`. */
const FAMILIES: Readonly<Record<NetfilterHook["family"], number>> = { ipv4: 2, ipv6: 10 };

/** Source: `enum nf_inet_hooks` there. */
const HOOKS: Readonly<Record<NetfilterHook["hook"], number>> = {
  prerouting: 0,
  input: 1,
  forward: 2,
  output: 3,
  postrouting: 4,
};

/** A hook of netfilter in the network namespace of this process, for programs of `netfilter` (from 6.4 on). */
export function toNetfilter({ family, hook, priority }: NetfilterHook): AttachPlace {
  const name = `netfilter ${family} ${hook} at ${priority}`;
  return {
    name,
    takes: takesOnly("netfilter"),
    attach: (program) =>
      createLink(program, name, NETFILTER_LINK_ATTR, {
        "netfilter.pf": FAMILIES[family],
        "netfilter.hooknum": HOOKS[hook],
        "netfilter.priority": priority,
      }),
  };
}

const TRACING_TYPES: ReadonlySet<number> = new Set([BpfAttachType.TRACE_FENTRY, BpfAttachType.TRACE_FEXIT]);

/**
 * Another program: `freplace/NAME` takes the place of its global function of that name, `fentry/NAME` and `fexit/NAME`
 * run before and after it. A program is loaded for the one that it goes into, which has to be loaded before.
 *
 * @param target the other program
 */
export function toProgram(target: BpfProgram): AttachPlace {
  const name = `program ${target.name}`;
  return {
    name,
    takes: ({ type, attachType }) =>
      type === BpfProgramType.EXT || (type === BpfProgramType.TRACING && TRACING_TYPES.has(attachType)),
    attach: attachByProgram,
    loadTarget(program, func) {
      const id = programFunction(target.fd, target.name, func);
      if (id !== 0) return { id, holder: target.fd };
      throw new Error(`Cannot load program ${program} for ${name}: that has no function ${func}`);
    },
  };
}
