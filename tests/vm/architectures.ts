/** The architectures of the guests, as data. @module */

/** What differs between the architectures, beside the kernel. */
export interface Architecture {
  /** Debian's name. */
  readonly name: "amd64" | "arm64";
  /** Deno's name, as `Deno.build.arch` has it. */
  readonly deno: typeof Deno.build.arch;
  /** The npm package that holds the `deno` program. */
  readonly denoPackage: string;
  /** The folder of shared libraries below `lib`. */
  readonly triplet: string;
  /** The emulator. */
  readonly emulator: string;
  /** The emulator's arguments for the machine. */
  readonly machine: readonly string[];
  /** Whether the features that a kernel does without are this architecture's. */
  readonly hasFeatures: boolean;
  /** The kernel's arguments for the first serial line, from the first message on. */
  readonly console: readonly string[];
  /** How long a guest may take unless it says otherwise. */
  readonly timeoutMs: number;
}

/**
 * KVM is never used: it may be there and hang. One thread runs a guest's processors in turn: with a thread each,
 * a processor can meet an instruction that another is patching, and the kernel panics.
 */
export const ARCHITECTURES: readonly Architecture[] = [
  {
    name: "amd64",
    deno: "x86_64",
    denoPackage: "@deno/linux-x64-glibc",
    triplet: "x86_64-linux-gnu",
    emulator: "qemu-system-x86_64",
    machine: ["-machine", "q35", "-accel", "tcg,thread=single"],
    hasFeatures: true,
    console: ["console=ttyS0", "earlycon=uart8250,io,0x3f8,115200"],
    timeoutMs: 1_800_000,
  },
  {
    name: "arm64",
    deno: "aarch64",
    denoPackage: "@deno/linux-arm64-glibc",
    triplet: "aarch64-linux-gnu",
    emulator: "qemu-system-aarch64",
    machine: ["-machine", "virt", "-accel", "tcg,thread=single"],
    hasFeatures: false,
    console: ["console=ttyAMA0", "earlycon"],
    timeoutMs: 3_600_000,
  },
];

/** Whether the programs of the machine run in guests of an architecture. */
export function isNative(architecture: Architecture): boolean {
  return architecture.deno === Deno.build.arch;
}
