/** A target whose read calls the test decides. @module */
import type { Child } from "../child.ts";
import { PROGRAMS, type Stage } from "../stage.ts";

/** A shell that reads its standard input byte by byte, as shells do with a pipe, and answers each line. */
export class Reader {
  readonly child: Child;
  #lines = 0;

  /** Starts one in a cgroup, under a comm. */
  constructor(stage: Stage, comm: string, cgroup: string) {
    const script = 'while read -r line; do echo "$line" >&2; done';
    this.child = stage.start(stage.copy(PROGRAMS.shell, comm), ["-c", script], cgroup, { stdin: "piped" });
  }

  /**
   * Has it read lines until it waits for the next byte.
   *
   * @returns how many read calls, of a byte each, have ended meanwhile
   */
  async read(lines: number): Promise<number> {
    let bytes = 0;
    for (let index = 0; index < lines; index++) {
      const line = `line ${++this.#lines}\n`;
      bytes += line.length;
      await this.child.write(line);
      await this.child.said(new RegExp(`^${line}`, "m"));
    }
    return bytes;
  }
}
