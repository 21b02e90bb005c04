/** Waiting for descriptors while the event loop goes on. @module */
import { checked } from "../errno.ts";
import { FileDescriptor } from "../fd.ts";
import { libc } from "../libc.ts";
import { POLLFD, POLLIN } from "../processes/pidfd.ts";
import { encode, readField } from "../struct.ts";

/** Source: `include/uapi/linux/eventfd.h`. */
const EFD_CLOEXEC = 0o2000000;

const NO_TIMEOUT = -1;

/** Makes an event that is readable from when {@linkcode raise} is called. */
function openEvent(): FileDescriptor {
  return new FileDescriptor(checked(libc().eventfd(0, EFD_CLOEXEC), "eventfd", () => "make an event"));
}

function raise(event: FileDescriptor): void {
  const one = new Uint8Array(BigUint64Array.of(1n).buffer);
  checked(libc().write(event.number, one, 8n), "write", () => "raise an event");
}

/**
 * Waits until a descriptor can be read, or one of the signals says that nobody wants to know any more.
 *
 * The wait is a `poll(2)` in a separate thread, which ends as soon as a signal comes: that makes an event readable
 * that it waits for, too. It may also end early, when this process gets a signal of the kernel's.
 *
 * @param fd what to read; it has to stay open
 * @param signals which end the wait
 * @returns whether it can be read
 */
export async function untilReadable(fd: FileDescriptor, signals: readonly AbortSignal[]): Promise<boolean> {
  if (signals.some(({ aborted }) => aborted)) return false;
  using event = openEvent();
  using stack = new DisposableStack();
  for (const signal of signals) {
    const wake = () => raise(event);
    signal.addEventListener("abort", wake);
    stack.defer(() => signal.removeEventListener("abort", wake));
  }
  const [first, second] = [fd, event].map(({ number }) => encode(POLLFD, { fd: number, events: POLLIN }));
  const fds = new Uint8Array(new ArrayBuffer(2 * first!.length));
  fds.set(first!);
  fds.set(second!, first!.length);
  await libc().poll_elsewhere(fds, 2n, NO_TIMEOUT);
  return readField(fds, POLLFD.revents) !== 0n;
}
