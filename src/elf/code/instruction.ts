/**
 * BPF instructions and what a relocation does to them.
 *
 * Encoding: Documentation/bpf/standardization/instruction-set.rst of Linux. Rewrites follow
 * `bpf_core_patch_insn()` in tools/lib/bpf/relo_core.c.
 *
 * @module
 */
import type { RelocationResult } from "../core.ts";

/** Size of an instruction in bytes. */
export const INSTRUCTION_SIZE = 8;

const Class = { LD: 0, LDX: 1, ST: 2, STX: 3, ALU: 4, ALU64: 7 } as const;
const classOf = (code: number) => code & 7;

/** `BPF_LD | BPF_IMM | BPF_DW`: a 64-bit immediate, in two instructions. */
export const LD_IMM64 = 0x18;

/** Pseudo source registers of {@linkcode LD_IMM64}. Source: `include/uapi/linux/bpf.h`. */
export const PseudoSource = { MAP_FD: 1, MAP_VALUE: 2, BTF_ID: 3, FUNC: 4 } as const;

/** Pseudo source registers of {@linkcode CALL}. Source: `include/uapi/linux/bpf.h`. */
export const PseudoCall = { SUBPROGRAM: 1, KFUNC: 2 } as const;

/** The call that libbpf, too, puts in place of what must never run: helper 0xbad2310, "bad relo". */
export const POISON_CALL = 0xbad2310;
/** `BPF_JMP | BPF_CALL`. */
export const CALL = 0x85;

/** Width bits of loads and stores by size in bytes. */
const WIDTHS: ReadonlyMap<number, number> = new Map([[8, 0x18], [4, 0x00], [2, 0x08], [1, 0x10]]);
const WIDTH_MASK = 0x18;

/** Whether a field of an instruction, which is a signed number, holds a value of 64 bits. */
function holds(field: number, value: bigint): boolean {
  return BigInt.asUintN(64, BigInt(field)) === value;
}

/** Instructions of one program, changed in place. */
export class Instructions {
  readonly #view: DataView;
  /**
   * Tells what each poisoned instruction would have needed, by index of the instruction. Few are ever asked
   * for: those that the verifier reaches.
   */
  readonly missing = new Map<number, () => string>();

  /**
   * Takes over instructions.
   *
   * @param bytes a copy of the program that belongs to this object
   */
  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** True if a 64-bit immediate begins at this byte offset. */
  isLoadImmediate64(offset: number): boolean {
    return offset % INSTRUCTION_SIZE === 0 && offset + 2 * INSTRUCTION_SIZE <= this.bytes.length &&
      this.bytes[offset] === LD_IMM64;
  }

  /** The lower half of the immediate. */
  immediate(offset: number): number {
    return this.#view.getInt32(offset + 4, true);
  }

  /** The source register. */
  #source(offset: number): number {
    return this.bytes[offset + 1]! >> 4;
  }

  #setSource(offset: number, source: number): void {
    this.bytes[offset + 1] = this.bytes[offset + 1]! & 0x0f | source << 4;
  }

  /** True if the instruction calls a function of the object. */
  isSubprogramCall(offset: number): boolean {
    return this.bytes[offset] === CALL && this.#source(offset) === PseudoCall.SUBPROGRAM;
  }

  /** Has a call, or a 64-bit immediate, refer to a function so many instructions after the next one. */
  setFunction(offset: number, distance: number): void {
    if (this.isLoadImmediate64(offset)) this.#setSource(offset, PseudoSource.FUNC);
    this.#view.setInt32(offset + 4, distance, true);
  }

  /** Turns a call into one of a kernel function. */
  setKfunc(offset: number, id: number, descriptorIndex: number): void {
    this.#setSource(offset, PseudoCall.KFUNC);
    this.#view.setInt16(offset + 2, descriptorIndex, true);
    this.#view.setInt32(offset + 4, id, true);
  }

  /** Puts a number into a 64-bit immediate. */
  setImmediate64(offset: number, value: bigint): void {
    this.#view.setUint32(offset + 4, Number(value & 0xffffffffn), true);
    this.#view.setUint32(offset + 12, Number(value >> 32n & 0xffffffffn), true);
  }

  /** Copies other instructions, with what they are missing, to a place in these. */
  append(offset: number, other: Instructions): void {
    this.bytes.set(other.bytes, offset);
    for (const [index, describe] of other.missing) {
      this.missing.set(offset / INSTRUCTION_SIZE + index, describe);
    }
  }

  /** Turns a 64-bit immediate into a reference that the kernel resolves. */
  setReference(offset: number, source: number, descriptor: number, extra: number): void {
    this.#setSource(offset, source);
    this.#view.setInt32(offset + 4, descriptor, true);
    this.#view.setInt32(offset + 12, extra, true);
  }

  /** True if {@linkcode apply} found nothing to put into the instruction. */
  isPoisoned(offset: number): boolean {
    return this.bytes[offset] === CALL && this.immediate(offset) === POISON_CALL;
  }

  /** Puts a call that no verifier accepts in place of an instruction: harmless where it is never reached. */
  poison(offset: number): void {
    const halves = this.isLoadImmediate64(offset) ? 2 : 1;
    for (let at = offset; at < offset + halves * INSTRUCTION_SIZE; at += INSTRUCTION_SIZE) {
      this.bytes.fill(0, at, at + INSTRUCTION_SIZE);
      this.bytes[at] = CALL;
      this.#view.setInt32(at + 4, POISON_CALL, true);
    }
  }

  /**
   * Applies the result of a CO-RE relocation to the instruction at a byte offset.
   *
   * @returns why it cannot be applied, or undefined
   */
  apply(offset: number, result: RelocationResult): string | undefined {
    if (offset % INSTRUCTION_SIZE !== 0 || offset + INSTRUCTION_SIZE > this.bytes.length) {
      return "there is no instruction";
    }
    if (result.poison) {
      this.poison(offset);
      return;
    }
    switch (classOf(this.bytes[offset]!)) {
      case Class.ALU:
      case Class.ALU64:
        return this.#setImmediate(offset, result);
      case Class.LDX:
      case Class.ST:
      case Class.STX:
        return this.#setOffset(offset, result);
      case Class.LD:
        return this.#setImmediate64(offset, result);
      default:
        return `an instruction with code 0x${this.bytes[offset]!.toString(16)} cannot be relocated`;
    }
  }

  #setImmediate(offset: number, { original, value, validate }: RelocationResult): string | undefined {
    if ((this.bytes[offset]! & 8) !== 0) return "the operand is a register";
    const immediate = this.immediate(offset);
    if (validate && !holds(immediate, original)) return `the instruction holds ${immediate}, not ${original}`;
    this.#view.setInt32(offset + 4, Number(BigInt.asIntN(32, value)), true);
  }

  #setOffset(offset: number, result: RelocationResult): string | undefined {
    const { original, value, originalSize, size } = result;
    const held = this.#view.getInt16(offset + 2, true);
    if (result.validate && !holds(held, original)) return `the instruction holds ${held}, not ${original}`;
    if (value > 32767n) return `offset ${value} does not fit an instruction`;
    if (result.unsafeSize) {
      this.poison(offset);
      return;
    }
    this.#view.setInt16(offset + 2, Number(value), true);
    if (size === originalSize) return;
    const [from, to] = [WIDTHS.get(originalSize), WIDTHS.get(size)];
    const code = this.bytes[offset]!;
    if (to === undefined || from !== (code & WIDTH_MASK)) {
      return `a load or store of ${originalSize} bytes cannot become one of ${size}`;
    }
    this.bytes[offset] = code & ~WIDTH_MASK | to;
  }

  /** True if a 64-bit immediate begins here that is a number: no source, no offset, and a bare second half. */
  #isPlainImmediate64(offset: number): boolean {
    const second = offset + INSTRUCTION_SIZE;
    return this.isLoadImmediate64(offset) && this.bytes[offset + 1]! >> 4 === 0 &&
      this.#view.getUint16(offset + 2, true) === 0 && this.#view.getUint32(second, true) === 0;
  }

  #setImmediate64(offset: number, { original, value, validate }: RelocationResult): string | undefined {
    if (!this.#isPlainImmediate64(offset)) return "not a 64-bit immediate";
    const low = this.#view.getUint32(offset + 4, true);
    const held = BigInt(low) | BigInt(this.#view.getUint32(offset + 12, true)) << 32n;
    if (validate && held !== original) return `the instruction holds ${held}, not ${original}`;
    this.setImmediate64(offset, value);
  }
}
