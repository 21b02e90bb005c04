/** Which signals reach this process, and what they do. @module */
import { libc } from "../libc.ts";

/** Source: `include/uapi/asm-generic/signal-defs.h`; the same on x86 and arm64. */
const SIG_BLOCK = 0;
const SIG_SETMASK = 2;

/** Size of glibc's `sigset_t` in bytes. */
const SIGSET_SIZE = 128;

/** Source: `include/uapi/asm-generic/signal-defs.h`. */
const SIG_IGN = 1n;

/** What a signal did before it was ignored. */
export type FormerAction = "default" | "ignored" | "handler";

/** Has the kernel throw a signal away, whichever thread it is sent to. */
export function ignoreSignal(signal: number): FormerAction {
  const actions: readonly FormerAction[] = ["default", "ignored"];
  return actions[Number(libc().signal(signal, SIG_IGN))] ?? "handler";
}

/** Signal n is bit n - 1. */
function setOf(signal: number): Uint8Array<ArrayBuffer> {
  const set = new Uint8Array(SIGSET_SIZE);
  set[signal - 1 >> 3] = 1 << (signal - 1 & 7);
  return set;
}

/** Keeps a signal from the calling thread, and from the threads and programs that it starts. */
export function blockSignal(signal: number): void {
  libc().pthread_sigmask(SIG_BLOCK, setOf(signal), null);
}

/** Whether a signal is kept from the calling thread. */
export function isBlocked(signal: number): boolean {
  const mask = new Uint8Array(SIGSET_SIZE);
  libc().pthread_sigmask(SIG_BLOCK, null, mask);
  return setOf(signal).some((bits, index) => (bits & mask[index]!) !== 0);
}

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
