/** The processes of a run. @module */
import type { Child } from "../support/child.ts";
import type { Stage } from "../support/stage.ts";
import { fioArguments, sqliteScript } from "./actor_command.ts";
import { type Latency, parseFioLog, parseSqliteTimer } from "./latency.ts";
import { type Actor, NOWHERE, type Place } from "./actors.ts";

/** The cgroups that a process is in. */
export interface Membership {
  readonly cgroup: string;
  /** Files by which it enters more of them. */
  readonly procs: readonly string[];
}

/** What a cast needs. */
export interface CastOptions {
  readonly stage: Stage;
  readonly places: Readonly<Record<Place, Membership>>;
  /** The target's place, but for the limit of the disk. */
  readonly unlimited: Membership;
  /** The folder of the files that are read. */
  readonly folder: string;
  /** The program that gives advice. */
  readonly workload: string;
}

interface Member {
  readonly actor: Actor;
  readonly log: string;
  readonly child: Child;
}

/** Starts processes, and asks them at the end. */
export class Cast implements Disposable {
  readonly #options: CastOptions;
  readonly #programs: Readonly<Record<Actor["program"], string>>;
  readonly #members: Member[] = [];
  readonly #advising: Promise<void>[] = [];
  #isOver = false;

  /** @param options what it needs */
  constructor(options: CastOptions) {
    this.#options = options;
    this.#programs = { fio: "/usr/bin/fio", sqlite: "/usr/bin/sqlite3", evictor: options.workload };
  }

  /** Reads files into the page cache, charged to the target, at full speed. */
  async warm(files: readonly string[]): Promise<void> {
    const { folder, unlimited } = this.#options;
    const paths = files.map((file) => `${folder}/${file}`).join(" ");
    await this.#run(unlimited, `cat ${paths} >/dev/null`).outcome();
  }

  /** Starts processes. */
  start(actors: readonly Actor[]): void {
    for (const actor of actors) {
      const log = `${this.#options.stage.directory}/log${this.#members.length}`;
      this.#members.push({ actor, log, child: this.#start(actor, log) });
    }
  }

  #start(actor: Actor, log: string): Child {
    const { stage, folder, places } = this.#options;
    const place = places[actor.place];
    const comm = actor.place === "target" ? `${stage.prefix}-${actor.role}` : actor.role;
    const program = stage.copy(this.#programs[actor.program], comm);
    const path = `${folder}/${actor.file}`;
    switch (actor.program) {
      case "fio":
        return this.#run(place, `exec ${program} ${fioArguments(actor, { folder, log }).join(" ")}`);
      case "sqlite":
        Deno.writeTextFileSync(`${log}.sql`, sqliteScript(actor));
        return this.#run(place, `exec ${program} -readonly ${path} <${log}.sql >${log}.timer`);
      case "evictor": {
        const child = this.#run(place, `exec ${program}`, { stdin: "piped" });
        const advising = this.#advise(child, path, 1000 / (actor.perSecond ?? 1));
        // Told at the end: a rejection that nobody waits for yet would end this program, and leave all behind.
        advising.catch(() => {});
        this.#advising.push(advising);
        return child;
      }
    }
  }

  async #advise(child: Child, path: string, pauseMs: number): Promise<void> {
    for (let answers = 1; !this.#isOver; answers++) {
      await child.write(`dontneed ${path}\n`);
      // It takes one line at a time.
      await child.said(/^\{.*\}$/, answers);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  #run({ cgroup, procs }: Membership, command: string, options: Deno.CommandOptions = {}): Child {
    const script = [...procs.map((path) => `echo 0 >${path}`), command].join(" && ");
    return this.#options.stage.start("sh", ["-c", script], cgroup, options);
  }

  /** Ends all processes, and gives how long the target's reads took by their own account. */
  async end(): Promise<Latency[]> {
    this[Symbol.dispose]();
    await Promise.all(this.#advising);
    // sqlite does not hear SIGINT while it waits for another program.
    for (const { actor, child } of this.#members) {
      child.kill(actor.program === "sqlite" ? "SIGTERM" : "SIGINT");
    }
    for (const { child } of this.#members) await child.outcome();
    const readers = this.#members.filter(({ actor: { place, program, file } }) =>
      place === "target" && program !== "evictor" && file !== NOWHERE
    );
    return (await Promise.all(readers.map((member) => this.#latencies(member)))).flat();
  }

  async #latencies({ actor: { program }, log }: Member): Promise<Latency[]> {
    if (program === "sqlite") return parseSqliteTimer(await Deno.readTextFile(`${log}.timer`));
    const { directory } = this.#options.stage;
    const names = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => `${directory}/${name}`);
    const logs = names.filter((path) => path.startsWith(`${log}_clat.`));
    const texts = await Promise.all(logs.map((path) => Deno.readTextFile(path)));
    return texts.flatMap(parseFioLog);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
  }
}
