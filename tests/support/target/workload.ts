/** A process that does what a test tells it and counts its own calls: `tests/truth/workload.c`. @module */
import type { Child } from "../child.ts";
import { compileWorkload } from "../compile.ts";
import type { Stage } from "../stage.ts";

/** Calls of one kind, as the process that made them saw them. */
type OwnCalls = readonly [succeeded: number, bytes: number, failed: number];

/** What the workload did for one command. */
export interface Done {
  readonly read: OwnCalls;
  readonly pread: OwnCalls;
  readonly fadvise: readonly [calls: number, succeeded: number];
  /** fadvise calls by advice, those out of range last. */
  readonly advice: readonly number[];
  /** Least and most nanoseconds of each call whose duration is known. */
  readonly bounds?: readonly (readonly [number, number])[];
  /** Pages and folios of a file in the page cache. */
  readonly pages?: number;
  readonly folios?: number;
  /** Reads that began with their page not in the cache. */
  readonly missing?: number;
  /** Whether the kernel tells also of pages that are on their way. */
  readonly exact?: boolean;
  readonly wall_ns?: number;
  /** Bytes that a process had fetched from disks. */
  readonly fetched?: number;
  /** Calls that returned EAGAIN, which are not among the failed ones. */
  readonly again: number;
  /** Writes to files. */
  readonly writes: OwnCalls;
  /** Calls of fsync, fdatasync and sync_file_range. */
  readonly syncs: readonly (readonly [succeeded: number, failed: number])[];
  /** Least and most nanoseconds of each fsync. */
  readonly sync_bounds?: readonly (readonly [number, number])[];
  /** Reads by the 32-bit table that read something. */
  readonly compat?: number;
  /** Children that have ended: the process, its status as wait(2) gave it, and its start time in /proc. */
  readonly ends?: readonly (readonly [pid: number, status: number, startTime: number])[];
}

/** Longer than other programs may take to say something: two thousand threads on an emulated processor. */
const DEADLINE_MS = 120_000;

/** The program, compiled once for a stage. */
const programs = new WeakMap<Stage, Promise<string>>();

/** A running workload. */
export class Workload {
  readonly child: Child;
  #answers = 0;

  /**
   * Starts one in a cgroup.
   *
   * @param wrapper a program with its arguments that starts what follows it
   */
  static async start(
    stage: Stage,
    comm: string,
    cgroup: string,
    wrapper: readonly string[] = [],
  ): Promise<Workload> {
    const program = await programs.getOrInsertComputed(
      stage,
      () => compileWorkload(`${stage.directory}/workload`),
    );
    const [first, ...rest] = [...wrapper, stage.copy(program, comm)];
    return new Workload(stage.start(first!, rest, cgroup, { stdin: "piped" }));
  }

  private constructor(child: Child) {
    this.child = child;
  }

  /** Has it do something, and waits until it has. */
  async do(...words: readonly (string | number)[]): Promise<Done> {
    await this.child.write(`${words.join(" ")}\n`);
    const [answer] = await this.child.said(/^\{.*\}$/, ++this.#answers, DEADLINE_MS);
    return JSON.parse(answer);
  }
}
