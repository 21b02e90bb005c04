/** A process with threads of which everything is known, watched by procmonitor. @module */
import { IOMONITOR } from "../../src/collector/iomonitor/mod.ts";
import { ProcMonitor } from "../../src/collector/procmonitor/mod.ts";
import { parseProcessStatus } from "../../src/discovery/proc.ts";
import type { Target } from "../../src/discovery/mod.ts";
import type { BpfMap } from "../../src/loader/mod.ts";
import { callsOf, type WatchedCall } from "../../src/programs/mod.ts";
import { isHistogram, type Sample } from "../../src/metrics/mod.ts";
import { fileSystemMagic, FsMagic, stat } from "../../src/syscall/mod.ts";
import type { Child } from "../support/child.ts";
import { compileWatched } from "../support/compile.ts";
import type { Stage } from "../support/stage.ts";

/** `threads.c` at work. */
export class Threads {
  readonly child: Child;
  #commands = 0;

  constructor(child: Child) {
    this.child = child;
  }

  /** Starts it in the stage's cgroup, or another one. */
  static async start(stage: Stage, cgroup = stage.cgroup): Promise<Threads> {
    const program = await compileWatched("threads", `${stage.directory}/threads`);
    const threads = new Threads(stage.start(program, [], cgroup, { stdin: "piped" }));
    await threads.do("usage");
    return threads;
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Has it do something, and waits until it has. */
  async do(command: string): Promise<void> {
    await this.child.write(`${command}\n`);
    await this.child.said(/^done$/, ++this.#commands);
  }

  /** What it says of itself. */
  async usage(): Promise<{ readonly cpuNs: number; readonly majorFaults: number }> {
    await this.do("usage");
    const [, cpuNs, faults] = [...this.child.stderr.matchAll(/^usage (\d+) (\d+)$/gm)].at(-1)!;
    return { cpuNs: Number(cpuNs), majorFaults: Number(faults) };
  }
}

/** A process as the target watch names it. */
export function targetOf(pid: number, cgroup: string): Target {
  const { startTime } = parseProcessStatus(Deno.readTextFileSync(`/proc/${pid}/stat`));
  return {
    mode: "full",
    cgroup: { path: cgroup, id: stat(cgroup).inode, level: 1 },
    process: { pid, comm: "threads", startTime },
    others: [],
    reason: "",
  };
}

/** Values by the name of the metric, with the values of labels after it. */
export function valuesOf(samples: readonly Sample[]): ReadonlyMap<string, number> {
  return new Map(samples.flatMap((sample): [string, number][] => {
    if (isHistogram(sample)) return [];
    return [[[sample.family.name, ...Object.values(sample.labels)].join(" "), Number(sample.value)]];
  }));
}

/** procmonitor, attached to what it is told. */
export class Watching implements Disposable {
  readonly monitor: ProcMonitor;
  target: Target | undefined;

  constructor(
    target: Target | undefined,
    maps: Readonly<Record<string, BpfMap>> = {},
    calls: readonly WatchedCall[] = callsOf(IOMONITOR.probes),
  ) {
    this.target = target;
    const current = () => this.target;
    this.monitor = new ProcMonitor({
      target: {
        get target() {
          return current();
        },
        health: () => ({ state: "full", reason: "" }),
        follow() {},
      },
      calls,
      isFollowed: () => true,
      log: console,
    });
    this.monitor.attach(maps);
  }

  read(): ReadonlyMap<string, number> {
    return valuesOf(this.monitor.read());
  }

  value(name: string): number {
    const value = this.read().get(name);
    if (value === undefined) throw new Error(`Cannot find ${name}`);
    return value;
  }

  [Symbol.dispose](): void {
    this.monitor.stop();
  }
}

/** `RAMFS_MAGIC` in `include/uapi/linux/magic.h`, and its younger brother. */
const IN_MEMORY: ReadonlySet<bigint> = new Set([0x858458f6n, FsMagic.TMPFS]);

/** Whether a directory is in memory, as those of guests are: nothing in it is on storage, nor can be reclaimed. */
export function isInMemory(path: string): boolean {
  return IN_MEMORY.has(fileSystemMagic(path));
}

/** The numbers of a file of `/proc` with a name and a number a line. */
export function numbersIn(path: string): Readonly<Record<string, number>> {
  const lines = Deno.readTextFileSync(path).trim().split("\n").map((line) => line.split(/:\s*/));
  return Object.fromEntries(lines.map(([name, value]) => [name, Number(value)]));
}

/** A field of the process's status, or of one of its threads, by its number (`man 5 proc_pid_stat`). */
export function statField(pid: number, number: number, task?: number): string {
  const text = Deno.readTextFileSync(`/proc/${pid}${task === undefined ? "" : `/task/${task}`}/stat`);
  return text.slice(text.lastIndexOf(") ") + 2).split(" ")[number - 3]!;
}
