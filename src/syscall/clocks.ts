/** Clocks that JavaScript does not have. @module */
import { checked } from "./errno.ts";
import { libc } from "./libc.ts";

/** Source: `include/uapi/linux/time.h`. */
const Clock = { MONOTONIC: 1, THREAD_CPUTIME_ID: 3, MONOTONIC_COARSE: 6 } as const;

/** Nanoseconds of a clock (`man 2 clock_gettime`). */
function clockNs(clock: number, what: string): bigint {
  const timespec = new BigInt64Array(new ArrayBuffer(16));
  checked(libc().clock_gettime(clock, timespec), "clock_gettime", () => `read ${what}`);
  return timespec[0]! * 1_000_000_000n + timespec[1]!;
}

/** Microseconds of `CLOCK_MONOTONIC`, whose zero is the same for all processes, unlike that of `performance.now()`. */
export function monotonicMicroseconds(): bigint {
  return clockNs(Clock.MONOTONIC, "the clock") / 1000n;
}

/** Milliseconds of `CLOCK_MONOTONIC`: no step of the wall clock changes it, and it stands still in a suspend. */
export function monotonicMs(): number {
  return Number(clockNs(Clock.MONOTONIC, "the clock")) / 1e6;
}

/** Milliseconds that the calling thread has run, whatever else the processors did meanwhile. */
export function threadCpuMs(): number {
  return Number(clockNs(Clock.THREAD_CPUTIME_ID, "the thread's time on a processor")) / 1e6;
}

/** Nanoseconds of a jiffy, the kernel's tick: `CONFIG_HZ` of them make a second (`man 7 time`). */
export function jiffyNs(): bigint {
  const timespec = new BigInt64Array(new ArrayBuffer(16));
  checked(
    libc().clock_getres(Clock.MONOTONIC_COARSE, timespec),
    "clock_getres",
    () => "read the length of a jiffy",
  );
  return timespec[0]! * 1_000_000_000n + timespec[1]!;
}
