/** How long system calls take. @module */

/** Those that load and attach. */
const TIMED: ReadonlySet<string> = new Set(["syscall_bpf", "syscall_perf_event_open", "ioctl"]);

/**
 * Times the system calls of libc once it is opened from now on.
 *
 * @returns a function that tells the milliseconds spent in them so far
 */
export function timeSystemCalls(): () => number {
  let total = 0;
  const dlopen = Deno.dlopen;
  const timed = (call: (...args: unknown[]) => unknown) => (...args: unknown[]) => {
    const start = performance.now();
    const result = call(...args);
    total += performance.now() - start;
    return result;
  };
  Deno.dlopen = (path, interfaces) => {
    const library = dlopen(path, interfaces);
    const symbols = Object.entries(library.symbols).map(([name, symbol]) => [
      name,
      TIMED.has(name) ? timed(symbol as (...args: unknown[]) => unknown) : symbol,
    ]);
    return { close: () => library.close(), symbols: Object.fromEntries(symbols) };
  };
  return () => total;
}
