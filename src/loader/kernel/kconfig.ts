/** `.kconfig`: what a program learns of the kernel's configuration. @module */
import { type KconfigSpec, ObjectError, type ObjectSpec } from "../../elf/mod.ts";
import { kernelRelease, readTextFile } from "../../syscall/mod.ts";
import { kernelConfig, kernelVersionCode } from "./config.ts";
import { BpfHelper, hasHelper } from "./features.ts";

/** The section of options, and the map that it becomes. */
export const KCONFIG = ".kconfig";

/** Values that are no options, by name. Source: Documentation/bpf/libbpf of Linux. */
const VIRTUAL: Readonly<Record<string, () => string>> = {
  LINUX_KERNEL_VERSION: () =>
    String(kernelVersionCode(kernelRelease().release, readTextFile("/proc/sys/kernel/version"))),
  LINUX_HAS_BPF_COOKIE: () => hasHelper(BpfHelper.GET_ATTACH_COOKIE) ? "y" : "n",
  // Both architectures have had them since 4.19.
  LINUX_HAS_SYSCALL_WRAPPER: () => "y",
};

/** `enum libbpf_tristate`. */
const TRISTATE: Readonly<Record<string, number>> = { n: 0, y: 1, m: 2 };

type Encode = (option: KconfigSpec, value: string, place: DataView<ArrayBuffer>) => boolean;

function encodeInteger({ size, signed }: KconfigSpec, value: string, place: DataView<ArrayBuffer>): boolean {
  if (!/^-?(\d+|0x[\da-f]+)$/i.test(value)) return false;
  const number = value.startsWith("-") ? -BigInt(value.slice(1)) : BigInt(value);
  const bits = size * 8;
  const fits = signed ? BigInt.asIntN(bits, number) === number : BigInt.asUintN(bits, number) === number;
  if (!fits) return false;
  for (let at = 0; at < size; at++) place.setUint8(at, Number(number >> BigInt(at * 8) & 0xffn));
  return true;
}

function encodeLetter(letters: string) {
  return (_: KconfigSpec, value: string, place: DataView<ArrayBuffer>): boolean => {
    if (value.length !== 1 || !letters.includes(value)) return false;
    place.setUint8(0, value.charCodeAt(0));
    return true;
  };
}

/** How each type takes a value; false if it cannot. */
const ENCODE: Readonly<Record<KconfigSpec["type"], Encode>> = {
  bool: (_, value, place) => {
    if (value !== "y" && value !== "n") return false;
    place.setUint8(0, TRISTATE[value]!);
    return true;
  },
  tristate: (_, value, place) => {
    const state = TRISTATE[value];
    if (state === undefined) return false;
    place.setUint32(0, state, true);
    return true;
  },
  char: (option, value, place) =>
    encodeLetter("ynm")(option, value, place) || encodeInteger(option, value, place),
  integer: encodeInteger,
  string: ({ size }, value, place) => {
    const text = /^"(.*)"$/.exec(value)?.[1];
    if (text === undefined) return false;
    // Longer texts are cut off, as in libbpf.
    const bytes = new TextEncoder().encode(text).subarray(0, size - 1);
    new Uint8Array(place.buffer, place.byteOffset).set(bytes);
    return true;
  },
};

/**
 * The content of the map `.kconfig`.
 *
 * @throws {ObjectError} if an option is not set that is not weak, or has a value that its type cannot hold
 */
export function kconfigContent({ externs }: ObjectSpec): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(new ArrayBuffer(externs.kconfigSize));
  const config = externs.kconfig.some(({ name }) => !Object.hasOwn(VIRTUAL, name))
    ? kernelConfig()
    : undefined;
  for (const option of externs.kconfig) {
    const { name, weak, offset, size } = option;
    const value = Object.hasOwn(VIRTUAL, name) ? VIRTUAL[name]!() : config?.get(name);
    if (value === undefined) {
      if (weak) continue;
      const reason = config === undefined
        ? "the kernel's configuration is neither in /boot nor in /lib/modules nor in /proc/config.gz"
        : `this kernel is built without ${name}`;
      throw new ObjectError(".kconfig", offset, `${reason}; declare it __weak to do without`);
    }
    if (!ENCODE[option.type](option, value, new DataView(content.buffer, offset, size))) {
      throw new ObjectError(
        ".kconfig",
        offset,
        `${name} is ${value}, which its type in the program cannot hold`,
      );
    }
  }
  return content;
}
