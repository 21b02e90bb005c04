/** The emulator's command line. @module */
import type { Architecture } from "../architectures.ts";

const KERNEL_ARGUMENTS = [
  // A guest that panics starts anew at once, which -no-reboot turns into the emulator's end.
  "panic=-1",
  "loglevel=6",
  // The emulator finds what it has translated by address: a second start of Deno takes half the time.
  "norandmaps",
];

/** What a disk gives to its readers at most; what is more than that waits. */
export interface DiskLimit {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** One virtual machine. */
export interface Machine {
  readonly architecture: Architecture;
  /** Processor features that the architecture's machine leaves out, if they are its. */
  readonly without: readonly string[];
  readonly memoryMb: number;
  readonly processors: number;
  /** The kernel to start. */
  readonly kernel: string;
  /** The first file system. */
  readonly initramfs: string;
  /** Arguments of the kernel beside those that every guest has. */
  readonly kernelArguments: readonly string[];
  /** An image; what the guest writes to it is lost. */
  readonly disk: string;
  readonly diskLimit: DiskLimit | undefined;
  /** Files that take what the guest writes. */
  readonly console: string;
  readonly output: string;
  readonly status: string;
}

/** In a list of properties a comma in a value is written twice. */
function property(path: string): string {
  return path.replaceAll(",", ",,");
}

function throttling(limit: DiskLimit | undefined): string {
  if (limit === undefined) return "";
  const { requestsPerSecond, bytesPerSecond } = limit;
  return `,throttling.iops-read=${requestsPerSecond},throttling.bps-read=${bytesPerSecond}`;
}

function file(id: string, path: string): string[] {
  return ["-chardev", `file,id=${id},path=${property(path)}`];
}

/** The emulator's arguments for a machine. */
export function emulatorArguments(machine: Machine): string[] {
  const { architecture } = machine;
  const append = [...architecture.console, ...KERNEL_ARGUMENTS, ...machine.kernelArguments].join(" ");
  const without = architecture.hasFeatures ? machine.without.map((feature) => `${feature}=off`) : [];
  return [
    ...architecture.machine,
    ...["-cpu", ["max", ...without].join(",")],
    ...["-smp", `${machine.processors}`, "-m", `${machine.memoryMb}`],
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    ...["-kernel", machine.kernel, "-initrd", machine.initramfs, "-append", append],
    ...file("console", machine.console),
    ...["-serial", "chardev:console"],
    ...["-device", "virtio-serial-pci"],
    ...file("output", machine.output),
    ...["-device", "virtserialport,chardev=output,nr=1"],
    ...file("status", machine.status),
    ...["-device", "virtserialport,chardev=status,nr=2"],
    "-drive",
    `file=${property(machine.disk)},format=raw,if=none,id=scratch,snapshot=on${
      throttling(machine.diskLimit)
    }`,
    ...["-device", "virtio-blk-pci,drive=scratch"],
  ];
}
