/** A machine that Debian's systemd runs: systemd-nspawn on this machine's own `/usr`. @module */
import { mountsOfType } from "../../src/syscall/mod.ts";
import { Child, type Outcome, output } from "../support/child.ts";
import { wholeCgroupMount } from "../support/needs.ts";
import type { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { CgroupTree } from "./cgroup_tree.ts";
import { processesIn } from "./processes.ts";

/** Where the stage's directory is in the machine: systemd puts a file system of its own on `/tmp`. */
export const STAGE_FOLDER = "/stage";

/** Links into `/usr`, as in Debian. */
const MERGED = ["bin", "sbin", "lib", "lib64"];

/** Folders that the machine mounts on or writes to. */
const FOLDERS = ["usr", "etc/systemd/system", "proc", "sys", "dev", "run", "tmp", "var", "root"];

/** What the machine starts: enough for units, and no more. */
const TARGET = "ktm-test.target";

/** Units that have nothing to do here. */
const MASKED = ["systemd-journal-flush.service", "systemd-update-utmp.service", "tmp.mount"];

/** Where systemd keeps its own hierarchy on a machine whose controllers are of cgroup v1. */
function hierarchies(): readonly string[] {
  const named = mountsOfType("cgroup").filter(({ mountPoint }) => mountPoint.endsWith("/systemd"));
  return [wholeCgroupMount()!, ...named.map(({ mountPoint }) => mountPoint)];
}

/** How a machine differs from the usual one. */
export interface MachineOptions {
  /** Text of each unit file by its name. */
  readonly units: Readonly<Record<string, string>>;
  /** Text of other files by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** More options of systemd-nspawn. */
  readonly options?: readonly string[];
}

/** Writes files below a folder. */
function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
  }
}

function makeRoot(root: string, { units, files = {} }: MachineOptions): void {
  for (const name of FOLDERS) Deno.mkdirSync(`${root}/${name}`, { recursive: true });
  for (const name of MERGED) Deno.symlinkSync(`usr/${name}`, `${root}/${name}`);
  Deno.writeTextFileSync(`${root}/etc/os-release`, "ID=debian\n");
  const folder = `${root}/etc/systemd/system`;
  for (const name of MASKED) Deno.symlinkSync("/dev/null", `${folder}/${name}`);
  const target = "[Unit]\nRequires=basic.target\nAfter=basic.target\n";
  writeFiles(folder, { ...units, [TARGET]: target });
  writeFiles(root, files);
}

/** The first process of a machine, which systemd-nspawn adopts from the one that has set the machine up. */
function leaderOf(pid: number): number | undefined {
  try {
    const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean);
    return children.map(Number).find((child) =>
      /^NSpid:\t\d+\t1$/m.test(Deno.readTextFileSync(`/proc/${child}/status`))
    );
  } catch (error) {
    // It has ended since.
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A running machine; disposing it ends it with all that is in it. */
export class Machine implements AsyncDisposable {
  readonly #child: Child;
  readonly #leader: number;
  readonly #trees: readonly CgroupTree[];

  /** Starts one, and waits until its systemd has started all that it has to. */
  static async start(stage: Stage, settings: MachineOptions): Promise<Machine> {
    await using undo = new AsyncDisposableStack();
    const root = `${stage.directory}/machine`;
    makeRoot(root, settings);
    const trees = hierarchies().map((mount) =>
      undo.use(new CgroupTree(`${mount}/ktm-machine-${stage.prefix}`))
    );
    const enter = trees.map((_, index) => `echo $$ >"\${${index}}/cgroup.procs"`);
    const shell = ["-c", `${enter.join(" && ")} && shift ${trees.length - 1} && exec "$@"`];
    const nspawn = [
      "systemd-nspawn",
      `--directory=${root}`,
      "--bind-ro=/usr",
      `--bind=${stage.directory}:${STAGE_FOLDER}`,
      `--machine=${stage.prefix}`,
      // No other service manager is asked, and nothing of this one's is changed.
      "--register=no",
      "--keep-unit",
      "--console=pipe",
      ...settings.options ?? [],
      "--boot",
      `systemd.unit=${TARGET}`,
    ];
    const child = undo.use(
      new Child("sh", {
        args: [...shell, ...trees.map(({ path }) => path), ...nspawn],
        env: { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" },
      }),
    );
    const leader = await until("first process of the machine", () => leaderOf(child.pid));
    const machine = new Machine(child, leader, trees);
    undo.defer(() => machine.#kill());
    await until(
      "start of the machine",
      async () => (await machine.run("systemctl", "is-active", TARGET)).code === 0,
    );
    undo.move();
    return machine;
  }

  private constructor(child: Child, leader: number, trees: readonly CgroupTree[]) {
    this.#child = child;
    this.#leader = leader;
    this.#trees = trees;
  }

  /** All others in its PID namespace end with the first, and then systemd-nspawn. */
  #kill(): void {
    Deno.kill(this.#leader, "SIGKILL");
  }

  /** Runs a program in the machine to its end. */
  async run(...words: readonly string[]): Promise<Outcome> {
    return await output(
      "nsenter",
      `--target=${this.#leader}`,
      "--mount",
      "--pid",
      "--uts",
      "--ipc",
      ...words,
    );
  }

  /**
   * Tells systemd to do something.
   *
   * @returns what systemctl has printed
   * @throws {Error} if it refuses
   */
  async systemctl(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run("systemctl", ...words);
    if (code !== 0) throw new Error(`Cannot run systemctl ${words.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** A unit's cgroup v2 as this machine sees it. */
  cgroupOf(unit: string): string {
    return `${this.#trees[0]!.path}/payload/system.slice/${unit}`;
  }

  /** The processes of a unit, by their numbers on this machine; none while it does not run. */
  processesOf(unit: string): number[] {
    return processesIn(this.cgroupOf(unit));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.#child[Symbol.asyncDispose]();
    for (const tree of this.#trees) await tree[Symbol.asyncDispose]();
  }
}
