/** Cgroups, directories, and processes under chosen names, all of which end with the test. @module */
import { Child } from "./child.ts";
import { removeCgroup } from "./kernel/cgroup.ts";
import { wholeCgroupMount } from "./needs.ts";
import { until } from "./until.ts";

/** Longest comm: `TASK_COMM_LEN` in `include/linux/sched.h`, without NUL. */
const COMM_LENGTH = 15;

/** Some program, to be run under another name. */
export const PROGRAMS = { shell: "/bin/bash", dd: "/bin/dd", fio: "/usr/bin/fio" } as const;

function randomName(): string {
  return crypto.getRandomValues(new Uint16Array(1))[0]!.toString(16).padStart(4, "0");
}

function stateOf(pid: number): string {
  const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(") ") + 2)[0]!;
}

/** A place for a test's processes. */
export class Stage implements AsyncDisposable {
  /** A comm prefix that nobody else uses. */
  readonly prefix = `banyand${randomName()}`;
  /** A cgroup of the test, one level below the root. */
  readonly cgroup: string;
  readonly directory = Deno.makeTempDirSync();
  readonly #children: Child[] = [];
  readonly #copies = new Set<string>();
  readonly #cgroups: string[] = [];

  constructor() {
    this.cgroup = this.makeCgroup("");
  }

  /** Makes a cgroup one level below the root. */
  makeCgroup(suffix: string): string {
    const path = `${wholeCgroupMount()}/ktm-test-${this.prefix}${suffix}`;
    Deno.mkdirSync(path);
    this.#cgroups.push(path);
    return path;
  }

  /** Removes a cgroup whose processes have ended. */
  async removeCgroup(path: string): Promise<void> {
    this.#cgroups.splice(this.#cgroups.indexOf(path), 1);
    await removeCgroup(path);
  }

  /** A copy of a program whose name is its comm. */
  copy(program: string, name: string): string {
    const path = `${this.directory}/${name.slice(0, COMM_LENGTH)}`;
    // A program that runs cannot be written to.
    if (!this.#copies.has(path)) Deno.copyFileSync(program, path);
    this.#copies.add(path);
    return path;
  }

  /** Starts a program in a cgroup. */
  start(program: string, args: readonly string[], cgroup: string, options: Deno.CommandOptions = {}): Child {
    // The shell is in the cgroup before it becomes the program.
    const enter = ["-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', cgroup, program, ...args];
    return this.track(new Child("sh", { args: enter, ...options }));
  }

  /**
   * Starts a copy of the shell that stops itself before it runs a script.
   *
   * @param name its comm
   * @param script what it does when it is told to go on
   */
  async startStopped(name: string, script: string, cgroup: string): Promise<Child> {
    const child = this.start(this.copy(PROGRAMS.shell, name), ["-c", `kill -STOP $$; ${script}`], cgroup);
    await until(`stop of ${name}`, () => stateOf(child.pid) === "T");
    return child;
  }

  /** Starts some processes that read at full speed under another name, in another cgroup. */
  startReaders(count: number): void {
    const cgroup = this.makeCgroup("-others");
    const dd = this.copy(PROGRAMS.dd, "reader");
    for (let index = 0; index < count; index++) {
      this.start(dd, ["if=/dev/zero", "of=/dev/null", "bs=4k"], cgroup);
    }
  }

  /** Ends a child with the test. */
  track(child: Child): Child {
    this.#children.push(child);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.toReversed()) await child[Symbol.asyncDispose]();
    for (const path of this.#cgroups.toReversed()) await this.removeCgroup(path);
    Deno.removeSync(this.directory, { recursive: true });
  }
}
