/** File descriptors that close themselves. @module */
import { libc } from "./libc.ts";

/** An open file descriptor; `using` closes it. Closing twice is harmless. */
export class FileDescriptor implements Disposable {
  #fd: number;

  /** Takes ownership of an open descriptor. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * The number.
   *
   * @throws {Error} if the descriptor has been closed
   */
  get number(): number {
    if (this.#fd < 0) throw new Error("Cannot use a closed file descriptor");
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
