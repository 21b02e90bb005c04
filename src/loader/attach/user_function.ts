/** Programs at functions of programs and libraries (uprobes). @module */
import { functionOffset } from "../../elf/executable.ts";
import { Errno, isErrno, openUprobeEvent, readFile, readTextFile } from "../../syscall/mod.ts";
import { type AttachPlace, attachToEvent } from "./link.ts";

const PMU_TYPE = "/sys/bus/event_source/devices/uprobe/type";

/** The number of the uprobe PMU (Linux 4.17). */
function pmuType(program: string): number {
  try {
    return Number(readTextFile(PMU_TYPE));
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
    throw new Error(
      `Cannot attach program ${program}: this kernel has no uprobes; CONFIG_UPROBES is missing`,
      {
        cause: error,
      },
    );
  }
}

/** `/usr/bin/bash:readline`, `/usr/bin/bash:readline+0x10` or `/usr/bin/bash:0x3f0a0`. */
const FUNCTION = /^(\/.*):(?:(0x[\da-f]+|\d+)|([^+:]+?)(?:\+(0x[\da-f]+|\d+))?)$/;

/** A place in a file. */
interface CodePlace {
  readonly path: string;
  readonly offset: number;
}

function findPlace(program: string, text: string): CodePlace {
  const [, path, offset, func, beyond = "0"] = FUNCTION.exec(text) ?? [];
  if (path === undefined) {
    throw new TypeError(
      `Cannot attach program ${program} to user function ${
        JSON.stringify(text)
      }: write it as /PATH:FUNCTION, ` +
        "/PATH:FUNCTION+OFFSET or /PATH:OFFSET",
    );
  }
  if (func === undefined) return { path, offset: Number(offset) };
  const start = functionOffset(readFile(path), func);
  if (start !== undefined) return { path, offset: start + Number(beyond) };
  throw new Error(`Cannot attach program ${program}: ${path} defines no function ${func}`);
}

/**
 * A function of a program or library, for programs of `uprobe` and `uretprobe`: they run in every process that
 * calls it, also in those that start later.
 *
 * @param place `/PATH:FUNCTION`, `/PATH:FUNCTION+OFFSET`, or `/PATH:OFFSET` with an offset in the file; by default
 *   what the section's name says after `uprobe/`
 */
export function toUserFunction(place?: string): AttachPlace {
  return {
    name: place === undefined ? "user function" : `user function ${place}`,
    takes: ({ attach }) => attach === "user_function",
    attach(program) {
      const { name, kind, target } = program;
      const { path, offset } = findPlace(name, place ?? target);
      const isReturn = kind.prefix.startsWith("uretprobe");
      const event = openUprobeEvent(pmuType(name), isReturn, path, offset);
      return attachToEvent(program, event, event);
    },
  };
}
