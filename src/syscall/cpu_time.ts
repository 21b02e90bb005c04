/** Time on a processor. @module */
import { checked } from "./errno.ts";
import { libc } from "./libc.ts";

/** Source: `include/uapi/linux/time.h`. */
const CLOCK_THREAD_CPUTIME_ID = 3;

/** Milliseconds that the calling thread has run, whatever else the processors did meanwhile. */
export function threadCpuMs(): number {
  const timespec = new BigInt64Array(new ArrayBuffer(16));
  const result = libc().clock_gettime(CLOCK_THREAD_CPUTIME_ID, timespec);
  checked(result, "clock_gettime", () => "read the thread's time on a processor");
  return Number(timespec[0]) * 1e3 + Number(timespec[1]) / 1e6;
}
