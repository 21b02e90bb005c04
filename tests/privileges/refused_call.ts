/** A system call that answers with an error, as a container runtime's profile has it. @module */

/** By hand: load the number, compare, answer with the error or let through (`man 2 seccomp`). */
const SCRIPT = `
import ctypes, os, struct, sys
number, errno = int(sys.argv[1]), int(sys.argv[2])
code = b"".join(struct.pack("HBBI", *line) for line in [
    (0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | errno), (0x06, 0, 0, 0x7fff0000)])
buffer = ctypes.create_string_buffer(code)
program = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
    sys.exit(os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[3], sys.argv[3:])
`;

/**
 * A program with its arguments that starts the command line that follows it, under a filter that refuses a call.
 *
 * @param number the system call's number
 * @param errno what it answers
 */
export function withRefusedCall(number: number, errno: number): string[] {
  return ["python3", "-c", SCRIPT, String(number), String(errno)];
}
