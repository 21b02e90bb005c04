/** Signals of the calling thread. @module */
import { libc } from "./libc.ts";

/** Source: `include/uapi/asm-generic/signal-defs.h`; the same on x86 and arm64. */
const SIG_BLOCK = 0;
const SIG_SETMASK = 2;

/** Size of glibc's `sigset_t` in bytes. */
const SIGSET_SIZE = 128;

/**
 * Calls `call` while no signal interrupts this thread; those that come meanwhile come after it.
 *
 * The two that glibc itself needs stay as they are, which is glibc's own doing (`man 7 nptl`).
 */
export function withSignalsBlocked<T>(call: () => T): T {
  const all = new Uint8Array(SIGSET_SIZE).fill(0xff);
  const before = new Uint8Array(SIGSET_SIZE);
  // It returns its error and leaves errno as it is, which `call` may have set.
  libc().pthread_sigmask(SIG_BLOCK, all, before);
  try {
    return call();
  } finally {
    libc().pthread_sigmask(SIG_SETMASK, before, null);
  }
}
