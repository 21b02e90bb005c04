/** SIGHUP. @module */

/**
 * Does something at each SIGHUP, one after the other, until the result is disposed; that waits for what is under
 * way. From then on a SIGHUP does nothing: one that comes while the program ends must not kill it.
 *
 * @param action never rejects
 */
export function onHangup(action: () => Promise<void>): AsyncDisposable {
  let underway = Promise.resolve();
  let isOver = false;
  Deno.addSignalListener("SIGHUP", () => {
    if (!isOver) underway = underway.then(action);
  });
  return {
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      await underway;
    },
  };
}
