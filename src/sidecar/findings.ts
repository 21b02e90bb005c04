/** What a machine offers to KTM: the findings of `ktm check`. @module */
import type { Finding, Level, ModuleSet } from "../collector/mod.ts";
import {
  discoverTarget,
  encodeCommPrefix,
  is32Bit,
  type KernelProcess,
  KernelProcesses,
  type Process,
} from "../discovery/mod.ts";
import {
  describeShortcoming,
  lockdownMode,
  missingCapabilities,
  refusal,
  REQUIREMENTS,
  tracefsDirectory,
  VMLINUX_BTF,
} from "../loader/mod.ts";
import {
  canWeakenOtherThreads,
  type CapabilityName,
  effectiveCapabilities,
  hasCapability,
  hasSeccomp,
  kernelRelease,
  landlockAbi,
  messageOf,
  mountsOfType,
  readTextFile,
  stat,
} from "../syscall/mod.ts";

/** What is looked for. */
export interface CheckOptions {
  readonly commPrefix: string;
  readonly cgroupPath?: string | undefined;
  /** The modules that would collect. */
  readonly modules: ModuleSet;
}

/** A kernel file's text without the final newline; undefined if it cannot be read. */
function readSetting(path: string): string | undefined {
  try {
    return readTextFile(path).trim();
  } catch {
    return undefined;
  }
}

function checkKernel(): Finding {
  const { release, machine } = kernelRelease();
  return { name: "kernel", level: "ok", detail: `${release} ${machine}` };
}

function checkBtf(): Finding {
  const shortcoming = REQUIREMENTS.btf();
  if (shortcoming !== undefined) return { name: "btf", level: "failed", ...shortcoming };
  return { name: "btf", level: "ok", detail: `${VMLINUX_BTF}, ${stat(VMLINUX_BTF).size} bytes` };
}

/** Calls that every probe needs, and one that only classic tracepoints and kprobes need. */
function checkSystemCalls(): Finding {
  const name = "system calls";
  const held = effectiveCapabilities();
  // Older kernels say the same of a missing capability, which has a separate finding.
  const mayAskBpf = hasCapability(held, "CAP_BPF") || hasCapability(held, "CAP_SYS_ADMIN");
  const refused = refusal(mayAskBpf ? ["bpf", "statx", "getdents64"] : ["statx", "getdents64"]);
  if (refused !== undefined) return { name, level: "failed", detail: describeShortcoming(refused) };
  const partial = refusal(["perf_event_open"]);
  if (partial === undefined) return { name, level: "ok", detail: "all that matter are allowed" };
  const detail = describeShortcoming(partial);
  return { name, level: "note", detail: `${detail}; only the strategies tracepoint and kprobe need it` };
}
/** Those that decide what can be attached. */
const CAPABILITIES = ["CAP_SYS_ADMIN", "CAP_SYS_RESOURCE", "CAP_PERFMON", "CAP_BPF"] as const;

function checkCapabilities(): Finding {
  const held = effectiveCapabilities();
  const names: readonly CapabilityName[] = CAPABILITIES.filter((name) => hasCapability(held, name));
  const detail = names.length > 0 ? names.join(", ") : "none of those that matter";
  if (missingCapabilities(held).length === 0) return { name: "capabilities", level: "ok", detail };
  const remedy = "run as root, or grant CAP_BPF and CAP_PERFMON";
  return { name: "capabilities", level: "failed", detail, remedy };
}

/** What an agent that is started this way gives up once it has attached. */
function checkConfinement(): Finding {
  const abi = landlockAbi();
  const threads = canWeakenOtherThreads() ? "lose all capabilities" : "keep the capabilities of this user";
  const changes = hasSeccomp() ? "seccomp refuses file changes" : "no seccomp filters";
  const files = abi > 0 ? `Landlock ABI ${abi} limits the files read` : "no Landlock";
  const detail = `after attaching: ${changes}; ${files}; other threads ${threads}`;
  if (hasSeccomp() && abi > 0) return { name: "confinement", level: "ok", detail };
  const remedy =
    "boot with landlock in lsm=, on a kernel with CONFIG_SECURITY_LANDLOCK=y and CONFIG_SECCOMP_FILTER=y";
  return { name: "confinement", level: "note", detail, remedy };
}

function checkLockdown(): Finding {
  const mode = lockdownMode() ?? "not shown";
  if (mode !== "confidentiality") return { name: "lockdown", level: "ok", detail: mode };
  return {
    name: "lockdown",
    level: "note",
    detail:
      "confidentiality: programs may not call helpers that read kernel memory, as kernels before 5.12 need",
    remedy: "boot with lockdown=integrity",
  };
}

function checkTracefs(): Finding {
  const directory = tracefsDirectory();
  if (directory !== undefined) return { name: "tracefs", level: "ok", detail: directory };
  return {
    name: "tracefs",
    level: "note",
    detail: "not mounted; only the strategy tracepoint needs it",
    remedy: "mount -t tracefs tracefs /sys/kernel/tracing",
  };
}

/** Above this, Debian's kernels refuse perf_event_open() to everyone without CAP_SYS_ADMIN. */
const PARANOID_LIMIT = 2;

function checkParanoia(): Finding {
  const value = readSetting("/proc/sys/kernel/perf_event_paranoid") ?? "not shown";
  if (!(Number(value) > PARANOID_LIMIT)) return { name: "perf_event_paranoid", level: "ok", detail: value };
  return {
    name: "perf_event_paranoid",
    level: "note",
    detail: `${value}: the strategy tracepoint needs CAP_SYS_ADMIN`,
    remedy: `sysctl kernel.perf_event_paranoid=${PARANOID_LIMIT}`,
  };
}

function checkCgroup2(): Finding {
  const [mount] = mountsOfType("cgroup2");
  if (mount !== undefined) return { name: "cgroup2", level: "ok", detail: mount.mountPoint };
  return {
    name: "cgroup2",
    level: "note",
    detail: "not mounted: only the kernel tells the target's cgroup",
    remedy: "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
  };
}

/** The processes as the kernel knows them; none if it does not tell. */
function kernelProcesses(commPrefix: string): readonly KernelProcess[] {
  try {
    using processes = new KernelProcesses(encodeCommPrefix(commPrefix));
    return processes.list();
  } catch {
    return [];
  }
}

/** System calls of 32-bit programs have another table, which the probes leave alone. */
function checkProgram(process: Process | undefined): Finding[] {
  if (process === undefined || !is32Bit(process.pid)) return [];
  return [{
    name: "target program",
    level: "note",
    detail: `process ${process.pid} (${process.comm}) is a 32-bit program: its system calls do not count`,
    remedy: "use a 64-bit build of the program",
  }];
}

function checkTarget({ commPrefix, cgroupPath }: CheckOptions): Finding[] {
  try {
    const askKernel = () => kernelProcesses(commPrefix);
    let discovery = discoverTarget({ commPrefix, cgroupPath, askKernel });
    // /proc may hide what the kernel knows.
    if (!discovery.found) {
      discovery = discoverTarget({ commPrefix, cgroupPath, candidates: askKernel(), askKernel });
    }
    if (!discovery.found) return [{ name: "target", level: "degraded", detail: discovery.reason }];
    const { mode, reason, process } = discovery.target;
    const level = mode === "full" ? "ok" : "degraded";
    return [{ name: "target", level, detail: reason }, ...checkProgram(process)];
  } catch (error) {
    return [{ name: "target", level: "failed", detail: messageOf(error) }];
  }
}

/** Attaches everything with a filter that nothing passes, and takes it away again. */
function checkModules({ target, modules }: ModuleSet): Finding[] {
  try {
    target.rehearse();
    // What all modules share comes last.
    return [...modules.filter((module) => module !== target), target].flatMap((module) => module.check());
  } catch (error) {
    return [{ name: "probes", level: "failed", detail: messageOf(error) }];
  } finally {
    target.stop();
  }
}

/** Looks at everything that KTM needs. */
export function findAll(options: CheckOptions): Finding[] {
  return [
    checkKernel(),
    checkBtf(),
    checkCapabilities(),
    checkSystemCalls(),
    checkConfinement(),
    checkLockdown(),
    checkTracefs(),
    checkParanoia(),
    checkCgroup2(),
    ...checkTarget(options),
    ...checkModules(options.modules),
  ];
}

const LEVELS: readonly Level[] = ["ok", "note", "degraded", "failed"];

/** The level of the gravest finding. */
export function gravest(findings: readonly Finding[]): Level {
  return LEVELS[Math.max(0, ...findings.map(({ level }) => LEVELS.indexOf(level)))]!;
}
