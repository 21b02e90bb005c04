/** A bound on what the same message may fill the log with. Pure. @module */
import type { LogEntry } from "./format.ts";

/** How many entries of one message are written at once, and after how long one more is. */
const BURST = 10;
const REFILL_MS = 60_000;

/** What is known of one message. */
interface Usage {
  /** Entries that may be written, a fraction while the next one is on its way. */
  budget: number;
  /** When the budget was counted. */
  atMs: number;
  /** The newest entry that was held back, and how many before it. */
  held: LogEntry | undefined;
  count: number;
}

/** The entry that stands for all that were held back. */
function summary({ held, count }: Usage): LogEntry | undefined {
  if (held === undefined || count === 1) return held;
  return { ...held, properties: { ...held.properties, similar_lines_left_out: count - 1 } };
}

/**
 * Lets ten entries of the same level and message pass, then one a minute: a target that comes and goes
 * each second fills no disk. The newest one that is held back follows when its minute is over, so that the last
 * line about a thing is true of it.
 */
export class LogLimit {
  readonly #usages = new Map<string, Usage>();
  readonly #write: (entry: LogEntry) => void;

  /** @param write takes what passes */
  constructor(write: (entry: LogEntry) => void) {
    this.#write = write;
  }

  /** Whether an entry is held back. */
  get isHolding(): boolean {
    return [...this.#usages.values()].some(({ held }) => held !== undefined);
  }

  /** Writes the entry, or holds it back. Messages are constants, of which there are few. */
  take(entry: LogEntry, nowMs: number): void {
    this.release(nowMs);
    const key = `${entry.level} ${entry.message}`;
    const usage = this.#usages.get(key) ?? { budget: BURST, atMs: nowMs, held: undefined, count: 0 };
    this.#usages.set(key, usage);
    if (usage.budget >= 1) {
      usage.budget--;
      this.#write(entry);
      return;
    }
    usage.held = entry;
    usage.count++;
  }

  /** Writes what has been held back for long enough, and forgets what has come to rest. */
  release(nowMs: number): void {
    for (const [key, usage] of this.#usages) {
      usage.budget = Math.min(BURST, usage.budget + (nowMs - usage.atMs) / REFILL_MS);
      usage.atMs = nowMs;
      if (usage.held !== undefined && usage.budget >= 1) {
        usage.budget--;
        this.#tell(usage);
      }
      if (usage.budget === BURST) this.#usages.delete(key);
    }
  }

  /** Writes all that is held back, at the end of the program. */
  end(): void {
    for (const usage of this.#usages.values()) this.#tell(usage);
    this.#usages.clear();
  }

  #tell(usage: Usage): void {
    const entry = summary(usage);
    usage.held = undefined;
    usage.count = 0;
    if (entry !== undefined) this.#write(entry);
  }
}
