/** Standard error that a program cannot write to: wrappers that start the command line behind them with it. @module */

/**
 * Makes both ends, fills the writer's, has a child hold the reader's without reading until this process is gone, and
 * becomes the program.
 */
const PYTHON = `
import fcntl, os, pty, socket, sys, termios
kind, command = sys.argv[1], sys.argv[2:]
if kind in ('pipe', 'non-blocking pipe', 'pipe without a reader'):
    reader, writer = os.pipe()
elif kind == 'socket':
    ends = socket.socketpair()
    reader, writer = [end.detach() for end in ends]
else:
    reader, writer = pty.openpty()
    termios.tcflow(writer, termios.TCOOFF)
os.set_blocking(writer, False)
try:
    while kind != 'stopped terminal' and os.write(writer, b'.' * 4096): pass
except BlockingIOError:
    pass
os.set_blocking(writer, kind != 'non-blocking pipe')
end, life = os.pipe()
os.set_inheritable(life, True)
if kind != 'pipe without a reader' and os.fork() == 0:
    for fd in (0, 1, 2, writer, life): os.close(fd)
    os.read(end, 1)
    os._exit(0)
os.close(reader)
os.dup2(writer, 2)
os.close(writer)
os.execvp(command[0], command)
`;

function python(kind: string): readonly string[] {
  return ["python3", "-c", PYTHON, kind];
}

function shell(redirection: string): readonly string[] {
  return ["sh", "-c", `exec "$@" ${redirection}`, "sh"];
}

/** Each kind by its name. */
export const ODD_STDERR: Readonly<Record<string, readonly string[]>> = {
  "a full pipe": python("pipe"),
  "a full pipe that does not block": python("non-blocking pipe"),
  "a pipe without a reader": python("pipe without a reader"),
  "a full socket": python("socket"),
  "a stopped terminal": python("stopped terminal"),
  "a full device": shell("2>/dev/full"),
  "closed": shell("2>&-"),
};
