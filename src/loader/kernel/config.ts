/** The running kernel's configuration. @module */
import { Errno, isErrno, kernelRelease, readFile } from "../../syscall/mod.ts";

/** What of Node's modules is used here. */
interface NodeModules {
  getBuiltinModule(name: "node:zlib"): { gunzipSync(bytes: Uint8Array): Uint8Array };
}

/** Loads the decompressor only here: importing any of Node's modules takes 20 ms of every start. */
function gunzip(bytes: Uint8Array): Uint8Array {
  const { process } = globalThis as unknown as { process: NodeModules };
  return process.getBuiltinModule("node:zlib").gunzipSync(bytes);
}

/** Where distributions put the configuration, older and newer ones, and where the kernel shows it (CONFIG_IKCONFIG_PROC). */
function readConfig(): string | undefined {
  const decoder = new TextDecoder();
  const { release } = kernelRelease();
  const sources: readonly (() => string)[] = [
    () => decoder.decode(readFile(`/boot/config-${release}`)),
    () => decoder.decode(readFile(`/lib/modules/${release}/config`)),
    () => decoder.decode(gunzip(readFile("/proc/config.gz"))),
  ];
  for (const source of sources) {
    try {
      return source();
    } catch (error) {
      if (!isErrno(error, Errno.ENOENT, Errno.EACCES)) throw error;
    }
  }
}

/** The options of a kernel, as the file says them: `y`, `m`, numbers, texts in quotes. */
export class KernelConfig {
  /** Each option in a line of its own, the first one and the last one, too. */
  readonly #lines: string;

  /** Looks for nothing yet: of some ten thousand options few are ever asked for. */
  constructor(text: string) {
    this.#lines = `\n${text}\n`;
  }

  /** The value of an option; undefined if it is not set. */
  get(name: string): string | undefined {
    const key = `\n${name}=`;
    const at = this.#lines.indexOf(key);
    return at < 0 ? undefined : this.#lines.slice(at + key.length, this.#lines.indexOf("\n", at + 1));
  }
}

/** The options of the running kernel; undefined if they are nowhere to be found. */
export function kernelConfig(): KernelConfig | undefined {
  const text = readConfig();
  return text === undefined ? undefined : new KernelConfig(text);
}

/**
 * `KERNEL_VERSION(a, b, c)` of a version (`Makefile` of Linux: the last number takes one byte only).
 *
 * @param release like `6.1.0-18-amd64`
 * @param version like `#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1`: Debian's releases do not tell the last number
 */
export function kernelVersionCode(release: string, version: string): number {
  const text = / Debian (\d+\.\d+\.\d+)/.exec(version)?.[1] ?? release;
  const [major = 0, minor = 0, patch = 0] = (/^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text)?.slice(1) ?? []).map((
    part,
  ) => Number(part ?? 0));
  return (major << 16) + (minor << 8) + Math.min(patch, 255);
}
