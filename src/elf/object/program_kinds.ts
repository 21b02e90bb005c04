/** What section names say about programs: kind, what they attach to, flags. @module */
import { BpfAttachType as At, BpfProgramFlag, BpfProgramType as Type } from "../bpf_enums.ts";
import { BtfKind } from "../btf/btf.ts";

/**
 * Ways to attach that this library has; programs of other kinds can be loaded and attached by other means. The last
 * seven before `none` need to be told where.
 */
export type AttachKind =
  | "trace"
  | "raw_tracepoint"
  | "tracepoint"
  | "kprobe"
  | "kretprobe"
  | "ksyscall"
  | "kretsyscall"
  | "iter"
  | "cgroup"
  | "interface"
  | "network_namespace"
  | "netfilter"
  | "program"
  | "user_function"
  | "cpu_clock"
  | "none";

/** A kind of type in the kernel's BTF that programs attach to. */
export interface AttachTarget {
  /** What stands before the name in the BTF. */
  readonly prefix: string;
  /** One of {@linkcode BtfKind}. */
  readonly kind: number;
  /** What people call it. */
  readonly noun: string;
}

/** What a section name's first part says. */
export interface ProgramKind {
  /** The first part: `fentry`. */
  readonly prefix: string;
  /** Whether a `/` and what to attach to may follow. */
  readonly hasTarget: boolean;
  /** One of {@linkcode BpfProgramType}. */
  readonly type: number;
  /** One of {@linkcode BpfAttachType}, 0 where the kernel does not ask. */
  readonly attachType: number;
  /** Bits of {@linkcode BpfProgramFlag}. */
  readonly flags: number;
  /** How it is attached. */
  readonly attach: AttachKind;
  /** What it attaches to, where the kernel wants to know when the program is loaded. */
  readonly target?: AttachTarget;
  /** The kernel that brought it, if that is later than 5.10. */
  readonly since?: string;
}

const TRACEPOINT: AttachTarget = { prefix: "btf_trace_", kind: BtfKind.TYPEDEF, noun: "tracepoint" };
const FUNCTION: AttachTarget = { prefix: "", kind: BtfKind.FUNC, noun: "function" };
const LSM_HOOK: AttachTarget = { prefix: "bpf_lsm_", kind: BtfKind.FUNC, noun: "LSM hook" };
const ITERATOR: AttachTarget = { prefix: "bpf_iter_", kind: BtfKind.FUNC, noun: "iterator" };

/** A row: the prefix, with `+` where a target may follow, and what differs from a program without anything. */
type Row = readonly [
  prefix: string,
  type: number,
  attachType?: number,
  more?: Partial<Pick<ProgramKind, "flags" | "attach" | "target" | "since">>,
];

const SLEEPABLE = BpfProgramFlag.SLEEPABLE;
const FRAGS = { flags: BpfProgramFlag.XDP_HAS_FRAGS, since: "5.18" };

const UPROBE = { attach: "user_function" } as const;

/** Links to an interface's traffic control, which came with the attach types. */
const TCX = { attach: "interface", since: "6.6" } as const;
const NETKIT = { attach: "interface", since: "6.7" } as const;
const CGROUP = { attach: "cgroup" } as const;
const UNIX = { attach: "cgroup", since: "6.7" } as const;

/**
 * All that libbpf knows (`section_defs` in its documentation of program types and ELF sections), but for
 * `usdt`, which is no kind of program, and `struct_ops`.
 *
 * @see https://docs.kernel.org/bpf/libbpf/program_types.html
 */
const ROWS: readonly Row[] = [
  ["socket", Type.SOCKET_FILTER],
  ["sk_reuseport/migrate", Type.SK_REUSEPORT, At.SK_REUSEPORT_SELECT_OR_MIGRATE, { since: "5.14" }],
  ["sk_reuseport", Type.SK_REUSEPORT, At.SK_REUSEPORT_SELECT],
  ["kprobe+", Type.KPROBE, 0, { attach: "kprobe" }],
  ["kretprobe+", Type.KPROBE, 0, { attach: "kretprobe" }],
  ["ksyscall+", Type.KPROBE, 0, { attach: "ksyscall" }],
  ["kretsyscall+", Type.KPROBE, 0, { attach: "kretsyscall" }],
  ["uprobe+", Type.KPROBE, 0, UPROBE],
  ["uretprobe+", Type.KPROBE, 0, UPROBE],
  ["uprobe.s+", Type.KPROBE, 0, { ...UPROBE, flags: SLEEPABLE, since: "6.0" }],
  ["uretprobe.s+", Type.KPROBE, 0, { ...UPROBE, flags: SLEEPABLE, since: "6.0" }],
  ["kprobe.multi+", Type.KPROBE, At.TRACE_KPROBE_MULTI, { since: "5.18" }],
  ["kretprobe.multi+", Type.KPROBE, At.TRACE_KPROBE_MULTI, { since: "5.18" }],
  ["kprobe.session+", Type.KPROBE, At.TRACE_KPROBE_SESSION, { since: "6.10" }],
  ["uprobe.multi+", Type.KPROBE, At.TRACE_UPROBE_MULTI, { since: "6.6" }],
  ["uretprobe.multi+", Type.KPROBE, At.TRACE_UPROBE_MULTI, { since: "6.6" }],
  ["uprobe.session+", Type.KPROBE, At.TRACE_UPROBE_SESSION, { since: "6.13" }],
  ["uprobe.multi.s+", Type.KPROBE, At.TRACE_UPROBE_MULTI, { flags: SLEEPABLE, since: "6.6" }],
  ["uretprobe.multi.s+", Type.KPROBE, At.TRACE_UPROBE_MULTI, { flags: SLEEPABLE, since: "6.6" }],
  ["uprobe.session.s+", Type.KPROBE, At.TRACE_UPROBE_SESSION, { flags: SLEEPABLE, since: "6.13" }],
  ["tc/ingress", Type.SCHED_CLS, At.TCX_INGRESS, TCX],
  ["tc/egress", Type.SCHED_CLS, At.TCX_EGRESS, TCX],
  ["tcx/ingress", Type.SCHED_CLS, At.TCX_INGRESS, TCX],
  ["tcx/egress", Type.SCHED_CLS, At.TCX_EGRESS, TCX],
  ["tc", Type.SCHED_CLS],
  ["classifier", Type.SCHED_CLS],
  ["action", Type.SCHED_ACT],
  ["netkit/primary", Type.SCHED_CLS, At.NETKIT_PRIMARY, NETKIT],
  ["netkit/peer", Type.SCHED_CLS, At.NETKIT_PEER, NETKIT],
  ["tracepoint+", Type.TRACEPOINT, 0, { attach: "tracepoint" }],
  ["tp+", Type.TRACEPOINT, 0, { attach: "tracepoint" }],
  ["raw_tracepoint+", Type.RAW_TRACEPOINT, 0, { attach: "raw_tracepoint" }],
  ["raw_tp+", Type.RAW_TRACEPOINT, 0, { attach: "raw_tracepoint" }],
  ["raw_tracepoint.w+", Type.RAW_TRACEPOINT_WRITABLE, 0, { attach: "raw_tracepoint" }],
  ["raw_tp.w+", Type.RAW_TRACEPOINT_WRITABLE, 0, { attach: "raw_tracepoint" }],
  ["tp_btf+", Type.TRACING, At.TRACE_RAW_TP, { attach: "trace", target: TRACEPOINT }],
  ["fentry+", Type.TRACING, At.TRACE_FENTRY, { attach: "trace", target: FUNCTION }],
  ["fmod_ret+", Type.TRACING, At.MODIFY_RETURN, { attach: "trace", target: FUNCTION }],
  ["fexit+", Type.TRACING, At.TRACE_FEXIT, { attach: "trace", target: FUNCTION }],
  ["fentry.s+", Type.TRACING, At.TRACE_FENTRY, { attach: "trace", target: FUNCTION, flags: SLEEPABLE }],
  ["fmod_ret.s+", Type.TRACING, At.MODIFY_RETURN, { attach: "trace", target: FUNCTION, flags: SLEEPABLE }],
  ["fexit.s+", Type.TRACING, At.TRACE_FEXIT, { attach: "trace", target: FUNCTION, flags: SLEEPABLE }],
  ["freplace+", Type.EXT, 0, { attach: "program" }],
  ["lsm+", Type.LSM, At.LSM_MAC, { attach: "trace", target: LSM_HOOK }],
  ["lsm.s+", Type.LSM, At.LSM_MAC, { attach: "trace", target: LSM_HOOK, flags: SLEEPABLE }],
  ["lsm_cgroup+", Type.LSM, At.LSM_CGROUP, { target: LSM_HOOK, attach: "cgroup", since: "6.0" }],
  ["iter+", Type.TRACING, At.TRACE_ITER, { attach: "iter", target: ITERATOR }],
  ["iter.s+", Type.TRACING, At.TRACE_ITER, { attach: "iter", target: ITERATOR, flags: SLEEPABLE }],
  ["syscall", Type.SYSCALL, 0, { flags: SLEEPABLE, since: "5.14" }],
  ["xdp.frags/devmap", Type.XDP, At.XDP_DEVMAP, FRAGS],
  ["xdp/devmap", Type.XDP, At.XDP_DEVMAP],
  ["xdp.frags/cpumap", Type.XDP, At.XDP_CPUMAP, FRAGS],
  ["xdp/cpumap", Type.XDP, At.XDP_CPUMAP],
  ["xdp.frags", Type.XDP, At.XDP, { ...FRAGS, attach: "interface" }],
  ["xdp", Type.XDP, At.XDP, { attach: "interface" }],
  ["perf_event", Type.PERF_EVENT, 0, { attach: "cpu_clock" }],
  ["lwt_in", Type.LWT_IN],
  ["lwt_out", Type.LWT_OUT],
  ["lwt_xmit", Type.LWT_XMIT],
  ["lwt_seg6local", Type.LWT_SEG6LOCAL],
  ["sockops", Type.SOCK_OPS, At.CGROUP_SOCK_OPS, CGROUP],
  ["sk_skb/stream_parser", Type.SK_SKB, At.SK_SKB_STREAM_PARSER],
  ["sk_skb/stream_verdict", Type.SK_SKB, At.SK_SKB_STREAM_VERDICT],
  ["sk_skb/verdict", Type.SK_SKB, At.SK_SKB_VERDICT, { since: "5.13" }],
  ["sk_skb", Type.SK_SKB],
  ["sk_msg", Type.SK_MSG, At.SK_MSG_VERDICT],
  ["lirc_mode2", Type.LIRC_MODE2, At.LIRC_MODE2],
  ["flow_dissector", Type.FLOW_DISSECTOR, At.FLOW_DISSECTOR, { attach: "network_namespace" }],
  ["cgroup_skb/ingress", Type.CGROUP_SKB, At.CGROUP_INET_INGRESS, CGROUP],
  ["cgroup_skb/egress", Type.CGROUP_SKB, At.CGROUP_INET_EGRESS, CGROUP],
  ["cgroup/skb", Type.CGROUP_SKB, 0, CGROUP],
  ["cgroup/sock_create", Type.CGROUP_SOCK, At.CGROUP_INET_SOCK_CREATE, CGROUP],
  ["cgroup/sock_release", Type.CGROUP_SOCK, At.CGROUP_INET_SOCK_RELEASE, CGROUP],
  ["cgroup/sock", Type.CGROUP_SOCK, At.CGROUP_INET_SOCK_CREATE, CGROUP],
  ["cgroup/post_bind4", Type.CGROUP_SOCK, At.CGROUP_INET4_POST_BIND, CGROUP],
  ["cgroup/post_bind6", Type.CGROUP_SOCK, At.CGROUP_INET6_POST_BIND, CGROUP],
  ["cgroup/bind4", Type.CGROUP_SOCK_ADDR, At.CGROUP_INET4_BIND, CGROUP],
  ["cgroup/bind6", Type.CGROUP_SOCK_ADDR, At.CGROUP_INET6_BIND, CGROUP],
  ["cgroup/connect4", Type.CGROUP_SOCK_ADDR, At.CGROUP_INET4_CONNECT, CGROUP],
  ["cgroup/connect6", Type.CGROUP_SOCK_ADDR, At.CGROUP_INET6_CONNECT, CGROUP],
  ["cgroup/connect_unix", Type.CGROUP_SOCK_ADDR, At.CGROUP_UNIX_CONNECT, UNIX],
  ["cgroup/sendmsg4", Type.CGROUP_SOCK_ADDR, At.CGROUP_UDP4_SENDMSG, CGROUP],
  ["cgroup/sendmsg6", Type.CGROUP_SOCK_ADDR, At.CGROUP_UDP6_SENDMSG, CGROUP],
  ["cgroup/sendmsg_unix", Type.CGROUP_SOCK_ADDR, At.CGROUP_UNIX_SENDMSG, UNIX],
  ["cgroup/recvmsg4", Type.CGROUP_SOCK_ADDR, At.CGROUP_UDP4_RECVMSG, CGROUP],
  ["cgroup/recvmsg6", Type.CGROUP_SOCK_ADDR, At.CGROUP_UDP6_RECVMSG, CGROUP],
  ["cgroup/recvmsg_unix", Type.CGROUP_SOCK_ADDR, At.CGROUP_UNIX_RECVMSG, UNIX],
  ["cgroup/getpeername4", Type.CGROUP_SOCK_ADDR, At.CGROUP_INET4_GETPEERNAME, CGROUP],
  ["cgroup/getpeername6", Type.CGROUP_SOCK_ADDR, At.CGROUP_INET6_GETPEERNAME, CGROUP],
  ["cgroup/getpeername_unix", Type.CGROUP_SOCK_ADDR, At.CGROUP_UNIX_GETPEERNAME, UNIX],
  ["cgroup/getsockname4", Type.CGROUP_SOCK_ADDR, At.CGROUP_INET4_GETSOCKNAME, CGROUP],
  ["cgroup/getsockname6", Type.CGROUP_SOCK_ADDR, At.CGROUP_INET6_GETSOCKNAME, CGROUP],
  ["cgroup/getsockname_unix", Type.CGROUP_SOCK_ADDR, At.CGROUP_UNIX_GETSOCKNAME, UNIX],
  ["cgroup/sysctl", Type.CGROUP_SYSCTL, At.CGROUP_SYSCTL, CGROUP],
  ["cgroup/getsockopt", Type.CGROUP_SOCKOPT, At.CGROUP_GETSOCKOPT, CGROUP],
  ["cgroup/setsockopt", Type.CGROUP_SOCKOPT, At.CGROUP_SETSOCKOPT, CGROUP],
  ["cgroup/dev", Type.CGROUP_DEVICE, At.CGROUP_DEVICE, CGROUP],
  ["sk_lookup", Type.SK_LOOKUP, At.SK_LOOKUP, { attach: "network_namespace" }],
  ["netfilter", Type.NETFILTER, At.NETFILTER, { attach: "netfilter", since: "6.4" }],
];

const KINDS: ReadonlyMap<string, ProgramKind> = new Map(ROWS.map(([row, type, attachType = 0, more]) => {
  const hasTarget = row.endsWith("+");
  const prefix = hasTarget ? row.slice(0, -1) : row;
  return [prefix, { prefix, hasTarget, type, attachType, flags: 0, attach: "none", ...more }];
}));

/** What a whole section name says. */
export interface SectionName {
  readonly kind: ProgramKind;
  /** What follows the kind: `sys_enter`, `syscalls/sys_exit_read`; empty if nothing does. */
  readonly target: string;
  /** False if the name begins with `?`: the program is loaded only if it is asked for. */
  readonly autoload: boolean;
}

/**
 * Reads a section name.
 *
 * @param name the section's name, for example `fentry/vfs_read` or `?tp/syscalls/sys_enter_read`
 * @returns what it says, or undefined if no kind of program has such a name
 */
export function parseSectionName(name: string): SectionName | undefined {
  const autoload = !name.startsWith("?");
  const bare = autoload ? name : name.slice(1);
  const whole = KINDS.get(bare);
  if (whole !== undefined) return { kind: whole, target: "", autoload };
  const slash = bare.indexOf("/");
  const kind = slash < 0 ? undefined : KINDS.get(bare.slice(0, slash));
  if (kind === undefined || !kind.hasTarget) return undefined;
  return { kind, target: bare.slice(slash + 1), autoload };
}
