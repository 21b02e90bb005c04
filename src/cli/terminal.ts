/** A terminal that shows whole screens and is left as it was found. @module */
import { print } from "./output.ts";

/** Private modes of xterm and everything that follows it: alternate screen, cursor. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/** What a terminal that does not tell its size is taken for. */
const USUAL_SIZE = { columns: 80, rows: 24 };

/** `q`, and what Ctrl-C and Ctrl-D send while the terminal does not make signals of them. */
const QUIT = ["q", "\x03", "\x04"];

/** Errors that nobody catches end the program without disposing anything. */
const FATAL_EVENTS = ["error", "unhandledrejection"] as const;

/** Standard input and output as a screen, from the construction until it is disposed. */
export class Terminal implements Disposable {
  readonly #quit = new AbortController();
  readonly #onResize: () => void;
  readonly #keys: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #isOpen = true;

  /**
   * Takes the terminal over.
   *
   * @param onResize called when its size has changed
   */
  constructor(onResize: () => void) {
    this.#onResize = () => {
      print("\x1b[2J");
      onResize();
    };
    print(ENTER);
    Deno.addSignalListener("SIGWINCH", this.#onResize);
    for (const name of FATAL_EVENTS) globalThis.addEventListener(name, this.#restore);
    if (Deno.stdin.isTerminal()) {
      Deno.stdin.setRaw(true);
      this.#keys = Deno.stdin.readable.getReader();
      this.#watchKeys(this.#keys);
    }
  }

  /** Aborted when somebody quits at the keyboard. */
  get signal(): AbortSignal {
    return this.#quit.signal;
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { columns, rows } : USUAL_SIZE;
  }

  /** Shows lines, one for each row, as wide as the terminal: what was there before is overwritten. */
  draw(lines: readonly string[]): void {
    print(lines.map((line, row) => `\x1b[${row + 1};1H${line}`).join(""));
  }

  async #watchKeys(keys: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await keys.read();
      const typed = decoder.decode(value);
      if (done || QUIT.some((key) => typed.includes(key))) break;
    }
    this.#quit.abort();
  }

  readonly #restore = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#keys !== undefined) Deno.stdin.setRaw(false);
    print(LEAVE);
  };

  /** Gives the terminal back. */
  [Symbol.dispose](): void {
    this.#restore();
    this.#keys?.cancel();
    Deno.removeSignalListener("SIGWINCH", this.#onResize);
    for (const name of FATAL_EVENTS) globalThis.removeEventListener(name, this.#restore);
  }
}
