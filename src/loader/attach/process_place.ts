/** One process as the place of an iterator. @module */
import {
  BpfCommand,
  bpfOpen,
  encode,
  Errno,
  isErrno,
  ITER_LINK_ATTR,
  ITER_TASK_INFO,
} from "../../syscall/mod.ts";
import { type AttachPlace, BpfLink } from "./link.ts";

/**
 * A process, for iterators over tasks (from 6.1 on): they go over its threads alone. Older kernels refuse, and an
 * iterator that is attached without a place goes over all tasks that the PID namespace of this process shows.
 *
 * Attach it before the first {@linkcode BpfObject.read}, and detach it when the process is not wanted any more.
 *
 * @param pid its number in the PID namespace of this process
 */
export function toProcess(pid: number): AttachPlace {
  const name = `process ${pid}`;
  return {
    name,
    takes: ({ attach }) => attach === "iter",
    attach({ name: program, kind, fd, target }) {
      if (!target.startsWith("task")) {
        throw new TypeError(
          `Cannot attach program ${program} to ${name}: it iterates over ${target}, not task`,
        );
      }
      const info = encode(ITER_TASK_INFO, { pid });
      const values = {
        prog_fd: fd.number,
        attach_type: kind.attachType,
        iter_info: info,
        iter_info_len: info.length,
      };
      const action = `attach program ${program} to ${name}`;
      try {
        const link = bpfOpen(BpfCommand.LINK_CREATE, ITER_LINK_ATTR, values, action);
        return new BpfLink([link], link);
      } catch (error) {
        // What an older kernel's structure has no room for has to be zero.
        if (!isErrno(error, Errno.E2BIG)) throw error;
        throw new Error(`${error.message}; iterators over the threads of one process came with Linux 6.1`, {
          cause: error,
        });
      }
    },
  };
}
