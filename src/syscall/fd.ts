/** File descriptors that close themselves. @module */
import { libc } from "./libc.ts";

/** An open file descriptor; `using` closes it. Closing twice is harmless. */
export class FileDescriptor implements Disposable {
  #fd: number;
  readonly #what: string;

  /**
   * Takes ownership of an open descriptor.
   *
   * @param fd its number
   * @param what what it is, for the error of who uses it when it is closed: `map counts`
   */
  constructor(fd: number, what = "a file descriptor") {
    this.#fd = fd;
    this.#what = what;
  }

  /** Whether it has been closed. */
  get isClosed(): boolean {
    return this.#fd < 0;
  }

  /**
   * The number.
   *
   * @throws {Error} if the descriptor has been closed
   */
  get number(): number {
    if (this.#fd < 0) throw new Error(`Cannot use ${this.#what}: it is closed`);
    return this.#fd;
  }

  /** Closes the descriptor; what the kernel says about that is not an error anyone can act on. */
  close(): void {
    if (this.#fd >= 0) libc().close(this.#fd);
    this.#fd = -1;
  }

  /** Same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
