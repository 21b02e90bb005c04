/** Errors that nothing catches. @module */
import { log } from "../sidecar/log/log.ts";

/** The error that such an event carries. */
function errorOf(event: Event): unknown {
  return event instanceof PromiseRejectionEvent ? event.reason : (event as ErrorEvent).error;
}

const EVENTS = ["error", "unhandledrejection"] as const;

/**
 * Has the process go on after an error in a timer or a rejection that nothing catches, until the result is disposed:
 * the runtime would end it, and with it the history. A fault of this kind is one of KTM, and the log says so.
 */
export function surviveErrors(): Disposable {
  const onError = (event: Event) => {
    event.preventDefault();
    const error = errorOf(event);
    log.error("Internal error; the agent goes on", {
      error,
      stack: error instanceof Error ? error.stack : undefined,
    });
  };
  for (const name of EVENTS) globalThis.addEventListener(name, onError);
  return {
    [Symbol.dispose]: () => {
      for (const name of EVENTS) globalThis.removeEventListener(name, onError);
    },
  };
}
