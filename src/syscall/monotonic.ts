/** The clock that other processes share. @module */
import { checked } from "./errno.ts";
import { libc } from "./libc.ts";

/** Source: `include/uapi/linux/time.h`. */
const CLOCK_MONOTONIC = 1;

/** Microseconds of `CLOCK_MONOTONIC`, whose zero is the same for all processes, unlike that of `performance.now()`. */
export function monotonicMicroseconds(): bigint {
  const timespec = new BigInt64Array(new ArrayBuffer(16));
  checked(libc().clock_gettime(CLOCK_MONOTONIC, timespec), "clock_gettime", () => "read the clock");
  return timespec[0]! * 1_000_000n + timespec[1]! / 1000n;
}
