/** Processes and cgroups under a name that nobody else uses. @module */
import { readTextFile, writeTextFile } from "../../src/syscall/mod.ts";
import { removeCgroup } from "../support/kernel/cgroup.ts";
import { wholeCgroupMount } from "../support/needs.ts";

export const TOP = wholeCgroupMount() ?? "";

/** Longest comm: `TASK_COMM_LEN` in `include/linux/sched.h`, without NUL. */
export const COMM_LENGTH = 15;

const DEADLINE_MS = 10_000;

/** Waits for a condition that the kernel announces nowhere. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!condition()) {
    if (performance.now() > end) {
      throw new Error(`Cannot go on: ${what} did not come true in ${DEADLINE_MS} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function randomName(): string {
  return crypto.getRandomValues(new Uint16Array(1))[0]!.toString(16).padStart(4, "0");
}

/** Processes and cgroups that end with the test. */
export class Stage implements AsyncDisposable {
  /** A comm prefix that nobody else uses. */
  readonly prefix = `banyand${randomName()}`;
  /** A cgroup of the test, one level below the root. */
  readonly cgroup = `${TOP}/ktm-test-${this.prefix}`;
  /** Holds files of the test. */
  readonly directory = Deno.makeTempDirSync();
  readonly #cgroups: string[] = [];
  readonly #children = new Map<number, Deno.ChildProcess>();

  constructor() {
    this.makeCgroup(this.cgroup);
  }

  makeCgroup(path: string): string {
    Deno.mkdirSync(path);
    this.#cgroups.push(path);
    return path;
  }

  /** A copy of `sleep` under a name that its comm will be. */
  program(suffix: string): string {
    const path = `${this.directory}/${this.prefix}${suffix}`;
    Deno.copyFileSync("/bin/sleep", path);
    return path;
  }

  /** Starts a process whose comm is the prefix and `suffix`, in `cgroup`. */
  async start(suffix: string, cgroup: string = this.cgroup): Promise<number> {
    const child = new Deno.Command(this.program(suffix), { args: ["1000"], stdin: "null" }).spawn();
    this.#children.set(child.pid, child);
    writeTextFile(`${cgroup}/cgroup.procs`, String(child.pid));
    const comm = `${`${this.prefix}${suffix}`.slice(0, COMM_LENGTH)}\n`;
    await until(`comm of ${child.pid}`, () => readTextFile(`/proc/${child.pid}/comm`) === comm);
    return child.pid;
  }

  async stop(pid: number): Promise<void> {
    const child = this.#children.get(pid);
    child?.kill("SIGKILL");
    await child?.status;
    this.#children.delete(pid);
  }

  async removeCgroup(path: string): Promise<void> {
    this.#cgroups.splice(this.#cgroups.indexOf(path), 1);
    await removeCgroup(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of [...this.#children.keys()]) await this.stop(pid);
    for (const path of this.#cgroups.toReversed()) await this.removeCgroup(path);
    Deno.removeSync(this.directory, { recursive: true });
  }
}
