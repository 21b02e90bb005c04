/** The kernel's own trace of threads that it makes sleep for having dirtied too much. @module */
import { mountsOfType } from "../../src/syscall/mod.ts";

/** What the trace tells of one process. */
export interface Throttled {
  /** How often it was put to sleep. */
  readonly sleeps: number;
  /** For how many milliseconds in all, each sleep rounded down. */
  readonly pauseMs: number;
}

/** An instance of ftrace, which shares nothing with other users of it; tracefs has to be mounted. */
export class ThrottleTracer implements AsyncDisposable {
  readonly #folder: string;

  constructor(name: string) {
    const [tracefs] = mountsOfType("tracefs");
    if (tracefs === undefined) throw new Error("Cannot trace: tracefs is not mounted");
    this.#folder = `${tracefs.mountPoint}/instances/${name}`;
  }

  #write(file: string, text: string): Promise<void> {
    return Deno.writeTextFile(`${this.#folder}/${file}`, text);
  }

  /** Begins to trace a process. */
  async start(pid: number): Promise<void> {
    await Deno.mkdir(this.#folder);
    await this.#write("buffer_size_kb", "4096");
    await this.#write("set_event_pid", String(pid));
    await this.#write("events/writeback/balance_dirty_pages/filter", "pause > 0");
    await this.#write("events/writeback/balance_dirty_pages/enable", "1");
  }

  /** What it has traced so far. */
  async read(): Promise<Throttled> {
    const trace = await Deno.readTextFile(`${this.#folder}/trace`);
    const pauses = [...trace.matchAll(/ balance_dirty_pages: .* pause=(\d+) /g)].map(([, ms]) => Number(ms));
    return { sleeps: pauses.length, pauseMs: pauses.reduce((sum, ms) => sum + ms, 0) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#write("events/writeback/balance_dirty_pages/enable", "0").catch(() => {});
    await Deno.remove(this.#folder).catch(() => {});
  }
}

const DIRTY = "/proc/sys/vm";

/**
 * Lets all processes together dirty only so many bytes, and a tenth of that before they are written.
 *
 * @returns disposing it takes that back
 */
export function limitDirty(bytes: number): Disposable {
  // A limit in bytes and one in percent take each other's place: what is not 0 is in force.
  const names = ["dirty", "dirty_background"].flatMap((name) => [`${name}_bytes`, `${name}_ratio`]);
  const before = names.map((name) => [name, Deno.readTextFileSync(`${DIRTY}/${name}`).trim()] as const);
  Deno.writeTextFileSync(`${DIRTY}/dirty_background_bytes`, String(Math.floor(bytes / 10)));
  Deno.writeTextFileSync(`${DIRTY}/dirty_bytes`, String(bytes));
  return {
    [Symbol.dispose]: () => {
      for (const [name, value] of before) {
        if (value !== "0") Deno.writeTextFileSync(`${DIRTY}/${name}`, value);
      }
    },
  };
}
