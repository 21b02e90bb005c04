/** `perf_event_open(2)` for tracepoints, and the ioctls that go with it. @module */
import { syscallNumbers } from "../arch.ts";
import { checked, retried } from "../errno.ts";
import { FileDescriptor } from "../fd.ts";
import { libc } from "../libc.ts";
import { cString, whilePinned } from "../memory.ts";
import { encode, type Layout } from "../struct.ts";

/** `struct perf_event_attr`. Source: `include/uapi/linux/perf_event.h`. */
export const PERF_EVENT_ATTR = {
  type: [0, 4],
  size: [4, 4],
  config: [8, 8],
  sample_period: [16, 8],
  sample_type: [24, 8],
  wakeup_events: [48, 4],
  config1: [56, 8],
  config2: [64, 8],
} as const satisfies Layout;

/** Size of the structure up to config2. */
const PERF_ATTR_SIZE_VER1 = 72;
const PERF_TYPE_SOFTWARE = 1;
const PERF_TYPE_TRACEPOINT = 2;
const PERF_COUNT_SW_CPU_CLOCK = 0;
const PERF_SAMPLE_RAW = 1 << 10;
const PERF_FLAG_FD_CLOEXEC = 8n;

/** Source: `_IO('$', 0)` and `_IOW('$', 8, __u32)` in `include/uapi/linux/perf_event.h`. */
const PERF_EVENT_IOC_ENABLE = 0x2400n;
const PERF_EVENT_IOC_SET_BPF = 0x40042408n;

/** Opens a tracepoint as a perf event on CPU 0 for every process: where a BPF program hangs, CPU does not matter. */
export function openTracepointEvent(id: number, name: string): FileDescriptor {
  const attr = encode(PERF_EVENT_ATTR, {
    type: PERF_TYPE_TRACEPOINT,
    size: PERF_ATTR_SIZE_VER1,
    config: id,
    sample_period: 1,
    sample_type: PERF_SAMPLE_RAW,
    wakeup_events: 1,
  });
  const number = syscallNumbers().perf_event_open;
  const fd = retried(() => libc().syscall_perf_event_open(number, attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
  return new FileDescriptor(checked(fd, "perf_event_open", () => `open tracepoint ${name}`));
}

/** Opens a clock of one CPU that ticks whatever runs there, but not while it is idle. */
export function openCpuClock(cpu: number, periodNs: number): FileDescriptor {
  const attr = encode(PERF_EVENT_ATTR, {
    type: PERF_TYPE_SOFTWARE,
    size: PERF_ATTR_SIZE_VER1,
    config: PERF_COUNT_SW_CPU_CLOCK,
    sample_period: periodNs,
  });
  const number = syscallNumbers().perf_event_open;
  const fd = retried(() => libc().syscall_perf_event_open(number, attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC));
  return new FileDescriptor(checked(fd, "perf_event_open", () => `open the clock of CPU ${cpu}`));
}

/** Starts the event. */
export function enableEvent(event: FileDescriptor): void {
  checked(
    libc().ioctl(event.number, PERF_EVENT_IOC_ENABLE, 0),
    "ioctl(PERF_EVENT_IOC_ENABLE)",
    () => "enable the perf event",
  );
}

/** Attaches a BPF program to the event for as long as the event is open (kernels before 5.15). */
export function setEventProgram(event: FileDescriptor, program: FileDescriptor): void {
  checked(
    libc().ioctl(event.number, PERF_EVENT_IOC_SET_BPF, program.number),
    "ioctl(PERF_EVENT_IOC_SET_BPF)",
    () => "attach the program to the perf event",
  );
}

/** Opens a probe: at a function of the kernel, or at an offset of a file. */
function openProbeEvent(
  type: number,
  isReturn: boolean,
  place: string,
  offset: number,
  action: string,
): FileDescriptor {
  const name = cString(place);
  const number = syscallNumbers().perf_event_open;
  return whilePinned(name, () => {
    const attr = encode(PERF_EVENT_ATTR, {
      type,
      size: PERF_ATTR_SIZE_VER1,
      // Bit 0, as /sys/bus/event_source/devices/[ku]probe/format/retprobe says on every kernel so far.
      config: isReturn ? 1 : 0,
      config1: name,
      config2: offset,
    });
    const fd = retried(() => libc().syscall_perf_event_open(number, attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
    return new FileDescriptor(checked(fd, "perf_event_open", () => action));
  });
}

/** Opens a kprobe or kretprobe on a function through the kprobe PMU (Linux 4.17). */
export function openKprobeEvent(pmuType: number, isReturn: boolean, func: string): FileDescriptor {
  return openProbeEvent(pmuType, isReturn, func, 0, `open kprobe on ${func}`);
}

/** Opens a uprobe or uretprobe at an offset of a file through the uprobe PMU (Linux 4.17), for every process. */
export function openUprobeEvent(
  pmuType: number,
  isReturn: boolean,
  path: string,
  offset: number,
): FileDescriptor {
  const action = `open uprobe at ${path}+0x${offset.toString(16)}`;
  return openProbeEvent(pmuType, isReturn, path, offset, action);
}
