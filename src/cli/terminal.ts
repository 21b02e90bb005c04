/** A terminal that shows whole screens and is left as it was found. @module */
import { sendSignal, Signal } from "../syscall/mod.ts";
import { LiveOutput } from "./output.ts";

/** Private modes of xterm and everything that follows it: alternate screen, cursor. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/** What a terminal that does not tell its size is taken for. */
const USUAL_SIZE = { columns: 80, rows: 24 };

/** `q`, and what Ctrl-C and Ctrl-D send while the terminal does not make signals of them. */
const QUIT = ["q", "\x03", "\x04"];

/** Errors that nothing catches end the program without disposing anything. */
const FATAL_EVENTS = ["error", "unhandledrejection"] as const;

/** The signals that end a program by default (`man 7 signal`), but SIGINT and SIGTERM, by their numbers. */
const DEADLY: Readonly<Partial<Record<Deno.Signal, number>>> = {
  SIGHUP: 1,
  SIGQUIT: 3,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGUSR2: 12,
  SIGALRM: 14,
  SIGSTKFLT: 16,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
};

/** What a shell adds to the number of the signal that ended a program. */
const SIGNAL_EXIT = 128;

type Listeners = ReadonlyMap<Deno.Signal, () => void>;

/** Standard input and output as a screen, from the construction until it is disposed. */
export class Terminal implements Disposable {
  readonly #quit = new AbortController();
  readonly #output = new LiveOutput();
  readonly #onResize: () => void;
  readonly #listeners: Listeners;
  readonly #keys: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #isOpen = false;
  #exitCode = 0;

  /**
   * Takes the terminal over.
   *
   * @param onResize called when its size has changed, or the screen is empty for another reason
   */
  constructor(onResize: () => void) {
    this.#onResize = onResize;
    this.#listeners = new Map<Deno.Signal, () => void>([
      ["SIGWINCH", () => this.#clear()],
      ["SIGTSTP", () => this.#suspend()],
      ["SIGCONT", () => this.#resume()],
      ...Object.entries(DEADLY).map(([name, number]) =>
        [name as Deno.Signal, () => this.#end(SIGNAL_EXIT + number)] as const
      ),
    ]);
    for (const [name, listener] of this.#listeners) Deno.addSignalListener(name, listener);
    for (const name of FATAL_EVENTS) globalThis.addEventListener(name, this.#restore);
    if (Deno.stdin.isTerminal()) {
      this.#keys = Deno.stdin.readable.getReader();
      this.#watchKeys(this.#keys);
    }
    this.#open();
  }

  /** Aborted by the keys that quit, and by a signal. */
  get signal(): AbortSignal {
    return this.#quit.signal;
  }

  /** What the program exits with: 0, or 128 and the number of the signal that ended it. */
  get exitCode(): number {
    return this.#exitCode;
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { columns, rows } : USUAL_SIZE;
  }

  /** Shows lines, one for each row, as wide as the terminal: what was there before is overwritten. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    this.#output.write(lines.map((line, row) => `\x1b[${row + 1};1H${line}`).join(""));
  }

  async #watchKeys(keys: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await keys.read();
        const typed = decoder.decode(value);
        if (done || QUIT.some((key) => typed.includes(key))) break;
      }
    } catch {
      // The terminal is gone.
    }
    this.#quit.abort();
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#setRaw(true);
    this.#output.write(ENTER);
  }

  #clear(): void {
    if (!this.#isOpen) return;
    this.#output.write("\x1b[2J");
    this.#onResize();
  }

  /** A terminal that has hung up has no modes. */
  #setRaw(isRaw: boolean): void {
    if (this.#keys === undefined) return;
    try {
      Deno.stdin.setRaw(isRaw);
    } catch {
      this.#quit.abort();
    }
  }

  readonly #restore = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#setRaw(false);
    this.#output.end(LEAVE);
  };

  #end(exitCode: number): void {
    this.#restore();
    this.#exitCode = exitCode;
    this.#quit.abort();
  }

  /** Gives the terminal back, and stops as SIGTSTP does by default. */
  #suspend(): void {
    this.#restore();
    sendSignal(Deno.pid, Signal.SIGSTOP);
  }

  #resume(): void {
    if (this.#quit.signal.aborted) return;
    // The shell has set the terminal's modes also where SIGSTOP has stopped this program.
    this.#isOpen = false;
    this.#open();
    this.#onResize();
  }

  /** Gives the terminal back. */
  [Symbol.dispose](): void {
    this.#restore();
    this.#keys?.cancel().catch(() => {});
    for (const [name, listener] of this.#listeners) Deno.removeSignalListener(name, listener);
    for (const name of FATAL_EVENTS) globalThis.removeEventListener(name, this.#restore);
  }
}
