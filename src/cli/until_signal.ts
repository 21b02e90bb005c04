/** Ctrl-C and `kill`, as an abort signal. @module */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** A signal that is aborted by SIGINT or SIGTERM while the guard is not disposed. */
export interface SignalGuard extends Disposable {
  readonly signal: AbortSignal;
}

/** Turns SIGINT and SIGTERM into an abort until it is disposed; a second one ends the process as usual. */
export function untilSignal(): SignalGuard {
  const controller = new AbortController();
  const release = () => SIGNALS.forEach((signal) => Deno.removeSignalListener(signal, onSignal));
  const onSignal = () => {
    release();
    controller.abort();
  };
  SIGNALS.forEach((signal) => Deno.addSignalListener(signal, onSignal));
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => controller.signal.aborted || release(),
  };
}
