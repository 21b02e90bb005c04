/**
 * System calls that are followed from entry to exit: what bpf/calls.h makes of a line there, derived from a line here.
 * Pure but for the architecture that is the default.
 *
 * @module
 */
import { syscallNumbers } from "../syscall/mod.ts";
import type { ProbeStatus } from "./attach.ts";
import type { Probe, StrategyName } from "./probe.ts";

/** A system call that a module times: the state of a thread tells that it is in it. */
export interface WatchedCall {
  /** Its name. */
  readonly call: string;
  /** Its number in the machine's own table. */
  readonly number: number;
}

/** What is special about a call. */
interface CallTraits {
  /** The name that the kernel of arm64 has for it, where that is another one. */
  readonly arm64?: string;
}

/**
 * Every call that a module may follow. Its number has to be in `syscallNumbers()`.
 *
 * Sources of the names: `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`.
 */
const CALLS = {
  read: {},
  pread64: {},
  // It takes a 64-bit length, which is `fadvise64` on x86-64 alone.
  fadvise64: { arm64: "fadvise64_64" },
  write: {},
  pwrite64: {},
  writev: {},
  pwritev: {},
  pwritev2: {},
  fsync: {},
  fdatasync: {},
  sync_file_range: {},
} as const satisfies Readonly<Record<string, CallTraits>>;

/** A call that can be followed. */
export type CallName = keyof typeof CALLS;

/** The ways to follow a call, in the order of their cost. */
type CallStrategy = Exclude<StrategyName, "derived">;

/** What the functions of calls begin with on arm64: arch/arm64/include/asm/syscall_wrapper.h. */
const ARM64_FUNCTION = "__arm64_sys_";

/** What stands before a call's name where a program attaches on arm64, by the prefix of the program's name. */
const SECTIONS = {
  fentry: ARM64_FUNCTION,
  fexit: ARM64_FUNCTION,
  kprobe: "",
  kretprobe: "",
  tp_enter: "syscalls/sys_enter_",
  tp_exit: "syscalls/sys_exit_",
} as const;

/** Programs at the tracepoints that all calls pass; one of each for all calls of an object. */
const OF_ALL_CALLS = ["btf_sys_exit", "btf_sys_enter"] as const;

/**
 * The programs that follow calls, by the names that bpf/calls.h gives them, those at the exits first.
 *
 * The order is that of cost: entry and exit of a call's function touch no other call, while any tracepoint of calls
 * slows down all of them; BTF-enabled tracepoints cost about half of what classic ones do, and kprobes most.
 */
export function callPrograms(...calls: readonly CallName[]): Record<CallStrategy, readonly string[]> {
  const named = (...prefixes: readonly (keyof typeof SECTIONS)[]) =>
    prefixes.flatMap((prefix) => calls.map((call) => `${prefix}_${call}`));
  return {
    fentry: named("fexit", "fentry"),
    tp_btf: OF_ALL_CALLS,
    tracepoint: named("tp_exit", "tp_enter"),
    kprobe: named("kretprobe", "kprobe"),
  };
}

/** A program that follows a call. */
interface CallProgram {
  readonly program: string;
  readonly prefix: keyof typeof SECTIONS;
  readonly call: CallName;
}

const PREFIXES = Object.keys(SECTIONS) as readonly (keyof typeof SECTIONS)[];

/** Every program that there can be, by its name. */
const PROGRAMS: ReadonlyMap<string, CallProgram> = new Map(
  (Object.keys(CALLS) as CallName[]).flatMap((call) =>
    PREFIXES.map((prefix) => [`${prefix}_${call}`, { program: `${prefix}_${call}`, prefix, call }])
  ),
);

/** The programs of probes that follow one call each. */
function callProgramsOf(probes: readonly Probe[]): CallProgram[] {
  const named = probes.flatMap(({ strategies }) => strategies.flatMap(({ programs }) => programs));
  return named.flatMap((program) => PROGRAMS.get(program) ?? []);
}

/** The calls that programs follow, each once. */
function callsBy(programs: readonly CallProgram[], arch?: string): WatchedCall[] {
  const numbers = syscallNumbers(arch);
  const calls = new Set(programs.map(({ call }) => call));
  return [...calls].map((call) => ({ call, number: numbers[call] }));
}

/**
 * The calls that probes may follow, each once.
 *
 * @param arch whose numbers; this machine's unless given
 */
export function callsOf(probes: readonly Probe[], arch?: string): WatchedCall[] {
  return callsBy(callProgramsOf(probes), arch);
}

/** Programs at an entry: of a call that is seen at its exit alone, no thread's state tells. */
const ENTRIES: ReadonlySet<keyof typeof SECTIONS> = new Set(["fentry", "kprobe", "tp_enter"]);

/**
 * The calls that the state of a thread tells of, as probes are served at the moment.
 *
 * @param probes the probes
 * @param statuses how each of them is served
 * @param arch whose numbers; this machine's unless given
 */
export function followedCalls(
  probes: readonly Probe[],
  statuses: readonly ProbeStatus[],
  arch?: string,
): WatchedCall[] {
  const serving = new Map(statuses.map(({ probe, serving }) => [probe, new Set(serving?.programs)]));
  const followed = probes.flatMap((one) => {
    const programs = serving.get(one.probe) ?? new Set();
    const isSeen = ({ program, prefix }: CallProgram) =>
      programs.has("btf_sys_enter") || (programs.has(program) && ENTRIES.has(prefix));
    return callProgramsOf([one]).filter(isSeen);
  });
  return callsBy(followed, arch);
}

/**
 * The numbers of the calls that probes follow, by the names of the object's variables.
 *
 * @param arch whose numbers; this machine's unless given
 */
export function callNumbers(probes: readonly Probe[], arch?: string): Record<string, number> {
  return Object.fromEntries(callsOf(probes, arch).map(({ call, number }) => [`nr_${call}`, number]));
}

/**
 * What the programs of probes attach to, where it differs from what their section names say. Those name functions of
 * x86-64, and for the rest the call, which has another name on arm64 now and then.
 *
 * @param arch the kernel's architecture; this machine's unless given
 */
export function callTargets(
  probes: readonly Probe[],
  arch: string = Deno.build.arch,
): Record<string, string> {
  if (arch !== "aarch64") return {};
  return Object.fromEntries(
    callProgramsOf(probes).flatMap(({ program, prefix, call }) => {
      const { arm64 }: CallTraits = CALLS[call];
      const isSame = arm64 === undefined && SECTIONS[prefix] !== ARM64_FUNCTION;
      return isSame ? [] : [[program, `${SECTIONS[prefix]}${arm64 ?? call}`]];
    }),
  );
}
