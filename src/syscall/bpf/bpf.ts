/** The `bpf(2)` system call. @module */
import { syscallNumbers } from "../arch.ts";
import { checked, readErrno, retried } from "../errno.ts";
import { FileDescriptor } from "../fd.ts";
import { libc } from "../libc.ts";
import { whilePinned } from "../memory.ts";
import { encode, type FieldValues, type Layout, readField } from "../struct.ts";
import { BpfCommand, MAP_ELEM_ATTR, OBJ_INFO_ATTR, PROG_INFO } from "./abi.ts";

const COMMAND_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(BpfCommand).map(([name, number]) => [number, `bpf(BPF_${name})`]),
);

/**
 * Calls `bpf()` for a command that answers in its attribute.
 *
 * Parameters and errors are those of {@linkcode bpf}.
 *
 * @returns the attribute's bytes as the kernel left them; also of a call that failed with an allowed error
 */
export function bpfReply<L extends Layout>(
  command: number,
  layout: L,
  values: FieldValues<L>,
  action: string,
  allowed: readonly number[] = [],
): { readonly attr: DataView<ArrayBuffer>; readonly errno: number } {
  const number = syscallNumbers().bpf;
  return whilePinned(values, () => {
    const attr = encode(layout, values);
    const result = retried(() => libc().syscall_bpf(number, command, attr, attr.length));
    const errno = result < 0 ? readErrno() : 0;
    if (!allowed.includes(errno)) {
      checked(result, COMMAND_NAMES.get(command) ?? `bpf(${command})`, () => action);
    }
    return { attr: new DataView(attr.buffer), errno };
  });
}

/**
 * Calls `bpf()`.
 *
 * @param command one of {@linkcode BpfCommand}
 * @param layout the attribute's layout
 * @param values its fields; buffers are passed by address
 * @param action what this is for, starting with a verb, for the error message
 * @returns the call's result: zero or a descriptor
 * @throws {SyscallError} if the kernel refuses
 */
export function bpf<L extends Layout>(
  command: number,
  layout: L,
  values: FieldValues<L>,
  action: string,
): number {
  const number = syscallNumbers().bpf;
  const result = whilePinned(values, () => {
    const attr = encode(layout, values);
    return retried(() => libc().syscall_bpf(number, command, attr, attr.length));
  });
  return checked(result, COMMAND_NAMES.get(command) ?? `bpf(${command})`, () => action);
}

/** The lowest descriptor number that may be handed to BPF objects: 0 to 2 mean "none" in many fields. */
const LOWEST_FD = 3;

/**
 * Calls `bpf()` for a command that returns a descriptor.
 *
 * Other parameters and errors are those of {@linkcode bpf}.
 *
 * @param what what it gives, for the error of who uses it when it is closed: `map counts`
 */
export function bpfOpen<L extends Layout>(
  command: number,
  layout: L,
  values: FieldValues<L>,
  action: string,
  what?: string,
): FileDescriptor {
  const fd = new FileDescriptor(bpf(command, layout, values, action), what);
  if (fd.number >= LOWEST_FD) return fd;
  fd.close();
  throw new Error(`Cannot ${action}: standard input, output and error must be open`);
}

/** An attribute that is encoded once holds a number that may be another map's or program's after `close()`. */
function assertOpen(fd: FileDescriptor): void {
  void fd.number;
}

/**
 * One element of a map, with buffers and attribute encoded once, for look-ups that repeat.
 *
 * Both buffers belong to this object: `value` is overwritten by each look-up.
 */
export class MapElement {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly value: Uint8Array<ArrayBuffer>;
  readonly #map: FileDescriptor;
  readonly #attr: Uint8Array<ArrayBuffer>;
  readonly #number = syscallNumbers().bpf;

  /**
   * @param map the map
   * @param keySize size of a key in bytes; of a queue, which has none, the kernel wants no address either
   * @param valueSize size of the value buffer in bytes: of all CPUs together in a per-CPU map
   */
  constructor(map: FileDescriptor, keySize: number, valueSize: number) {
    this.key = new Uint8Array(new ArrayBuffer(Math.max(keySize, 1)));
    this.value = new Uint8Array(new ArrayBuffer(valueSize));
    this.#map = map;
    this.#attr = encode(MAP_ELEM_ATTR, {
      map_fd: map.number,
      key: keySize === 0 ? undefined : this.key,
      value: this.value,
    });
  }

  /**
   * Calls one of the element commands; a negative result has set `errno`.
   *
   * @throws {Error} if the map has been closed
   */
  call(command: number): number {
    assertOpen(this.#map);
    return Number(retried(() => libc().syscall_bpf(this.#number, command, this.#attr, this.#attr.length)));
  }
}

/**
 * What the kernel tells of an object (`BPF_OBJ_GET_INFO_BY_FD`).
 *
 * @param object its descriptor
 * @param layout the layout of what is told of objects of its kind
 * @param values what is asked for: buffers, and their sizes
 * @param action what this is for, starting with a verb, for the error message
 * @returns the structure as the kernel left it
 * @throws {SyscallError} if the kernel refuses
 */
export function bpfInfo<L extends Layout>(
  object: FileDescriptor,
  layout: L,
  values: FieldValues<L>,
  action: string,
): Uint8Array<ArrayBuffer> {
  const info = encode(layout, values);
  const attr = { bpf_fd: object.number, info_len: info.length, info };
  whilePinned(values, () => bpf(BpfCommand.OBJ_GET_INFO_BY_FD, OBJ_INFO_ATTR, attr, action));
  return info;
}

/**
 * What the kernel tells of a program, with buffers and attribute encoded once, for readings that repeat.
 *
 * The buffer belongs to this object and is overwritten by each reading.
 */
export class ProgramInfo {
  readonly #value = encode(PROG_INFO, {});
  readonly #program: FileDescriptor;
  readonly #attr: Uint8Array<ArrayBuffer>;
  readonly #number = syscallNumbers().bpf;

  /** @param program the program's descriptor */
  constructor(program: FileDescriptor) {
    this.#program = program;
    this.#attr = encode(OBJ_INFO_ATTR, {
      bpf_fd: program.number,
      info_len: this.#value.length,
      info: this.#value,
    });
  }

  /**
   * Reads `struct bpf_prog_info` as far as {@linkcode PROG_INFO} goes; a negative result has set `errno`.
   *
   * @throws {Error} if the program has been closed
   */
  call(): number {
    assertOpen(this.#program);
    const { length } = this.#attr;
    // What is not 0 says how much room there is for lists.
    this.#value.fill(0);
    return Number(
      retried(() => libc().syscall_bpf(this.#number, BpfCommand.OBJ_GET_INFO_BY_FD, this.#attr, length)),
    );
  }

  /** A number of the latest reading. */
  get(field: "recursion_misses" | "run_cnt" | "run_time_ns"): bigint {
    return readField(this.#value, PROG_INFO[field]);
  }
}
