/** `ktm demo`: a workload with known counts, watched. @module */
import { resolveCgroupPath } from "../../discovery/mod.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Config } from "../../sidecar/config/config.ts";
import { requireDescriptors } from "../../sidecar/descriptors.ts";
import { checkConfig, createHost } from "../../sidecar/host.ts";
import type { PrivilegeNeeds } from "../../sidecar/privileges.ts";
import {
  type ChildState,
  childState,
  Errno,
  isErrno,
  makeDirectory,
  mountsOfType,
  openFile,
  OpenFlag,
  readFile,
  readTextFile,
  removeDirectory,
  removeFile,
  sendSignal,
  Signal,
  spawn,
  writeAll,
  writeTextFile,
} from "../../syscall/mod.ts";
import { attachSettings } from "../arguments/attach_settings.ts";
import type { CommandContext } from "../command.ts";
import type { DemoCounts } from "../demo/counts.ts";
import { demoReport } from "../demo/report.ts";
import { print } from "../output.ts";
import { untilSignal } from "../until_signal.ts";

const FILE_SIZE = 8 << 20;
const COMM_MAX_BYTES = 15;

/** The module whose counts are compared. */
const MODULES = ["iomonitor"];

/** How long the workload may take to be ready, and to stop when its time is over. */
const PATIENCE_MS = 120_000;
const POLL_MS = 20;

/** `banyand-demo` by default; a prefix that leaves no room is the whole name. */
function commOf(prefix: string): string {
  const comm = `${prefix}-demo`;
  return new TextEncoder().encode(comm).length <= COMM_MAX_BYTES ? comm : prefix;
}

/** This program's own command line with other arguments: works for deno run, a bundle and a binary. */
function ownCommandLine(args: readonly string[]): string[] {
  const words = new TextDecoder().decode(readFile("/proc/self/cmdline")).split("\0").slice(0, -1);
  return [...words.slice(0, words.length - Deno.args.length), ...args];
}

/**
 * This process's environment, with one malloc arena: where glibc has more, a thread that gives memory back
 * reads /proc/sys/vm/overcommit_memory (check_may_shrink_heap()), which the workload would not count.
 */
function workloadEnvironment(): string[] {
  const entries = new TextDecoder().decode(readFile("/proc/self/environ")).split("\0");
  return [...entries.filter((entry) => !/^$|^MALLOC_ARENA_MAX=/.test(entry)), "MALLOC_ARENA_MAX=1"];
}

async function untilChild(
  pid: number,
  wanted: ChildState["state"],
  patienceMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = systemClock.monotonic() + patienceMs;
  for (;;) {
    const state = childState(pid);
    if (state.state === wanted) return;
    if (state.state !== "running") {
      throw new Error(`Cannot go on with the demo: its workload has ${state.state}`);
    }
    if (signal.aborted) throw new Error("Cannot finish the demo: it was interrupted");
    if (systemClock.monotonic() > deadline) {
      throw new Error(`Cannot go on with the demo: its workload has not ${wanted} after ${patienceMs} ms`);
    }
    await systemClock.wait(systemClock.monotonic() + POLL_MS, signal);
  }
}

/** A file of zeros for the workload to read, removed at the end. */
function createFile(resources: DisposableStack): string {
  const path = `/tmp/ktm-demo-${Deno.pid}`;
  using file = openFile(path, OpenFlag.WRONLY | OpenFlag.CREAT | OpenFlag.EXCL);
  resources.defer(() => removeFile(path));
  writeAll(file, new Uint8Array(new ArrayBuffer(FILE_SIZE)), path);
  return path;
}

/** A cgroup of the workload's own, removed at the end; undefined where this process may not make one. */
function createCgroup(parent: string | undefined, resources: DisposableStack): string | undefined {
  const mounts = mountsOfType("cgroup2");
  const above = parent === undefined ? mounts[0]?.mountPoint : resolveCgroupPath(parent, mounts).path;
  if (above === undefined) return undefined;
  const path = `${above}/ktm-demo-${Deno.pid}`;
  try {
    makeDirectory(path);
  } catch {
    return undefined;
  }
  resources.defer(() => removeDirectory(path));
  return path;
}

/** Ends the workload, if it has not ended by itself and been waited for. */
async function endChild(pid: number): Promise<void> {
  try {
    sendSignal(pid, Signal.SIGKILL);
    await untilChild(pid, "killed", PATIENCE_MS, new AbortController().signal);
  } catch (error) {
    if (!isErrno(error, Errno.ESRCH)) throw error;
  }
}

/** The workload's own cgroup, where it has one, without other processes: another demo has the same comm. */
function demoConfig(config: Config, comm: string, cgroup: string | undefined): Config {
  const { ebpf } = config.collector;
  const scope = cgroup === undefined ? {} : { cgroup_path: cgroup, comm_fallback: "never" as const };
  return {
    ...config,
    collector: { ...config.collector, modules: MODULES, ebpf: { ...ebpf, ...scope, comm_prefix: comm } },
  };
}

/** The demo signals the workload to go on and to end, and removes what it has made. */
function needsAfterAttaching(file: string, cgroup: string | undefined): PrivilegeNeeds {
  const made = cgroup === undefined ? [file] : [file, cgroup];
  const places = made.map((path) => path.slice(0, path.lastIndexOf("/")));
  return {
    read: places,
    remove: places,
    calls: ["kill", "unlink", "unlinkat", "rmdir"],
    // The root of the cgroups is writable to no user.
    capabilities: cgroup === undefined ? [] : ["CAP_DAC_OVERRIDE"],
  };
}

/** Starts a workload, watches it, and prints what it did next to what the kernel counted. */
export async function run({ config, flags }: CommandContext): Promise<number> {
  checkConfig(config);
  requireDescriptors(config.collector.modules, 0);
  const durationMs = flags.duration("duration");
  const comm = commOf(config.collector.ebpf.comm_prefix);
  using guard = untilSignal();
  using resources = new DisposableStack();
  const file = createFile(resources);
  const cgroup = createCgroup(config.collector.ebpf.cgroup_path, resources);
  const settings = attachSettings(flags, needsAfterAttaching(file, cgroup));
  const args = ["demo-workload", file, comm, String(durationMs)];
  const pid = spawn("/proc/self/exe", ownCommandLine(args), workloadEnvironment());
  resources.defer(() => removeCounts(file));
  let host: ReturnType<typeof createHost> | undefined;
  try {
    await untilChild(pid, "stopped", PATIENCE_MS, guard.signal);
    if (cgroup !== undefined) writeTextFile(`${cgroup}/cgroup.procs`, String(pid));
    host = createHost(demoConfig(config, comm, cgroup), settings);
    await host.collector.start();
    const unwatched = Object.values(host.health()).find(({ state }) =>
      state === "disabled" || state === "waiting"
    );
    if (unwatched !== undefined) throw new Error(`Cannot run the demo: ${unwatched.reason}`);
    sendSignal(pid, Signal.SIGCONT);
    await untilChild(pid, "stopped", durationMs + PATIENCE_MS, guard.signal);
    await host.collector.collectNow();
    const failure = host.failure();
    if (failure !== undefined) throw new Error(`Cannot finish the demo: ${failure}`);
    const done: DemoCounts = JSON.parse(readTextFile(`${file}.counts`));
    const { text, agrees } = demoReport(done, host.latest());
    print(text);
    return agrees ? 0 : 1;
  } finally {
    await host?.collector.stop();
    await endChild(pid);
  }
}

function removeCounts(file: string): void {
  try {
    removeFile(`${file}.counts`);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
  }
}
