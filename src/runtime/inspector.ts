/** The runtime's debugger, which a signal turns on. @module */
import { readFile, readLink } from "../syscall/files/file.ts";
import { replaceProgram } from "../syscall/processes/process.ts";
import { blockSignal, ignoreSignal, isBlocked } from "../syscall/processes/signals.ts";

/** Source: `man 7 signal`; the same on x86 and arm64. */
const SIGUSR1 = 10;

/** This program from its beginning, in this process. */
function startAgain(): never {
  const words = new TextDecoder().decode(readFile("/proc/self/cmdline")).split("\0").slice(0, -1);
  replaceProgram(readLink("/proc/self/exe"), words);
}

/**
 * Makes sure that SIGUSR1 does nothing to this process: the runtime would open its inspector on 127.0.0.1:9229,
 * through which any process that can connect runs code here.
 *
 * Deno installs its handler half a second after it has started to load a program (since 2.9.2:
 * `spawn_sigusr1_inspector_listener()` in cli/worker.rs; a compiled program gets none). Until then SIGUSR1 ends the
 * process. Deno makes the system call for the first listener of a signal only (`register()` in ext/signals/lib.rs):
 * with one of ours it changes nothing any more, and the kernel may be asked to ignore the signal.
 *
 * Where loading took longer, the handler is there already, and a signal may wait behind it. The program then starts
 * again with the signal blocked, which all threads have from their first instruction on.
 *
 * @throws {SyscallError} if the program would have to start again and cannot
 */
export function refuseInspector(): void {
  if (ignoreSignal(SIGUSR1) === "handler" && !isBlocked(SIGUSR1)) {
    blockSignal(SIGUSR1);
    startAgain();
  }
  Deno.addSignalListener("SIGUSR1", () => {});
  ignoreSignal(SIGUSR1);
}
