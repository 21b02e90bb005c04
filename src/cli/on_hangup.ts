/** SIGHUP. @module */

/**
 * Does something at each SIGHUP, one after the other, until the result is disposed; that waits for what is under
 * way.
 *
 * @param action never rejects
 */
export function onHangup(action: () => Promise<void>): AsyncDisposable {
  let underway = Promise.resolve();
  const onSignal = () => {
    underway = underway.then(action);
  };
  Deno.addSignalListener("SIGHUP", onSignal);
  return {
    [Symbol.asyncDispose]: async () => {
      Deno.removeSignalListener("SIGHUP", onSignal);
      await underway;
    },
  };
}
