/** Programs that run at intervals, whatever runs then (profilers). @module */
import { openCpuClock, readTextFile } from "../../syscall/mod.ts";
import { type AttachPlace, attachToEvent, BpfLink } from "./link.ts";

const NS_PER_SECOND = 1e9;

/** The CPUs that are in use: `0-3,8`. */
function onlineCpus(): number[] {
  const ranges = readTextFile("/sys/devices/system/cpu/online").trim().split(",");
  return ranges.flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/**
 * A clock of each CPU that is in use, for programs of `perf_event`: they run at each tick, in the context of what
 * the CPU is doing, unless it is idle.
 *
 * @param hertz ticks a second; 99 is usual, for no work of the machine's keeps step with it
 */
export function toCpuClock(hertz: number): AttachPlace {
  return {
    name: `CPU clock of ${hertz} Hz`,
    takes: ({ attach }) => attach === "cpu_clock",
    attach(program) {
      using opened = new DisposableStack();
      for (const cpu of onlineCpus()) {
        const event = openCpuClock(cpu, Math.round(NS_PER_SECOND / hertz));
        opened.use(attachToEvent(program, event, event));
      }
      return new BpfLink([opened.move()]);
    },
  };
}
