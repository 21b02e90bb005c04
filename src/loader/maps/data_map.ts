/** Maps of global data. @module */
import type { Btf } from "../../elf/mod.ts";
import { Errno, isErrno, SharedMemory } from "../../syscall/mod.ts";
import type { ObjectBtf } from "../btf/object_btf.ts";
import { dataMapSpec } from "./create.ts";
import { BpfMap, SLOT_0 } from "./map.ts";

/** What a map of global data holds. */
export interface DataMapContent {
  /** Name of its section. */
  readonly name: string;
  /** Whether programs and user space only read it. */
  readonly readOnly: boolean;
  /** What it holds at first. */
  readonly content: Uint8Array<ArrayBuffer>;
  /** Id of the DATASEC type, 0 if there is none. */
  readonly type: number;
}

/** What the kernel says of maps with locks, timers or such, and of frozen ones (`bpf_map_mmap()`). */
const UNSHARED = [Errno.ENOTSUPP, Errno.EPERM];

/** The map of a section of global data, whose only value holds the variables. */
export class DataMap extends BpfMap {
  /** The value where programs see it; null if the kernel does not share it. */
  #memory: SharedMemory | null | undefined;

  /**
   * Creates the map with its initial content.
   *
   * @param data what it holds
   * @param btf the object's BTF in the kernel
   * @param types the object's BTF
   * @throws {MapCreateError} if the kernel refuses
   */
  constructor(data: DataMapContent, btf: ObjectBtf, types: Btf) {
    super(dataMapSpec(data.name, data.content.length, data.type, data.readOnly), btf, types);
    try {
      this.update(SLOT_0, data.content);
      if (data.readOnly) this.freeze();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #share(): SharedMemory | null {
    try {
      const memory = new SharedMemory(
        this.fd,
        { length: this.valueSize, isWritten: true },
        `map ${this.name}`,
      );
      this.closeWith(memory);
      return memory;
    } catch (error) {
      if (isErrno(error, ...UNSHARED)) return null;
      throw error;
    }
  }

  /** Bytes of some variables. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    if (this.#memory && !this.isClosed) return this.#memory.read(offset, length);
    return this.lookup(SLOT_0)!.slice(offset, offset + length);
  }

  /**
   * Writes some bytes in place, so that nothing is lost of what programs write beside them at the same moment. Where
   * the kernel does not share the map, as one with spin locks or timers, the whole value is written.
   *
   * @throws {SyscallError} if the kernel refuses, as it does for constants
   */
  write(offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#memory === undefined) this.#memory = this.#share();
    if (this.#memory !== null && !this.isClosed) return this.#memory.write(offset, bytes);
    const content = this.lookup(SLOT_0)!.slice();
    content.set(bytes, offset);
    this.update(SLOT_0, content);
  }

  /** Makes the map unchangeable from user space; see {@linkcode BpfMap.freeze}. */
  override freeze(): void {
    // The kernel freezes nothing that somebody could still write to.
    this.#memory?.close();
    this.#memory = undefined;
    super.freeze();
  }
}
