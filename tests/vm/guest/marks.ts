/** Marks in a guest's output, which tell the output of one command from the next one's. @module */

/** What a command of a guest came to. */
export interface CommandResult {
  /** The command's exit status; 125 if its state could not be entered. */
  readonly status: number;
  /** What it wrote to standard output and standard error. */
  readonly output: string;
  /** How long it took in the guest. */
  readonly seconds: number;
}

/** What stands in the output after a command, on a line of its own. */
export function endMark(index: number, status: string, uptime: string): string {
  return `\\n@guest ${index} ${status} ${uptime}\\n`;
}

const END_MARK = /\n@guest \d+ (\d+) ([\d.]+)\n/g;

/**
 * Takes a guest's output apart.
 *
 * @param output all of it, or what there is of it
 * @returns the commands that ended, in order, and what the next one wrote until then
 */
export function takeApart(output: string): { readonly ended: CommandResult[]; readonly rest: string } {
  const ended: CommandResult[] = [];
  let [start, uptime] = [0, 0];
  for (const { 0: mark, 1: status, 2: seconds, index } of output.matchAll(END_MARK)) {
    ended.push({
      status: Number(status),
      output: output.slice(start, index),
      seconds: Number(seconds) - uptime,
    });
    [start, uptime] = [index + mark.length, Number(seconds)];
  }
  return { ended, rest: output.slice(start) };
}
