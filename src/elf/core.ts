/**
 * The BTF and CO-RE engine: a WebAssembly instance that holds an object's BTF and the kernel's.
 *
 * An instance serves one object. Its memory, which holds the kernel's BTF of several megabytes, is
 * given back when the engine is dropped; that is why the module is imported as bytes and instantiated
 * anew, not imported as an instance that lives as long as the program.
 *
 * @module
 */
import type { CoreRelocation } from "./btf/ext.ts";
import wasm from "./core.wasm" with { type: "bytes" };

type CoreExports = typeof import("./core.wasm");

const TOO_MUCH_WORK =
  "it would take too long: names without end, or types that refer to each other without end";

/** Why BTF was refused: the codes of `BtfError` in `assembly/open.ts`. */
const BTF_ERRORS: ReadonlyMap<number, string> = new Map([
  [-1, "the header is cut off"],
  [-2, "no BTF magic"],
  [-3, "the other byte order"],
  [-4, "a part lies outside of the file"],
  [-5, "the strings do not begin and end with NUL"],
  [-6, "a type of unknown kind"],
  [-7, "a type is cut off"],
  [-8, "a name lies outside of the strings"],
  [-9, "out of memory"],
  [-10, TOO_MUCH_WORK],
]);

/** Why a relocation cannot be computed: the codes of `SpecError` in `assembly/spec_error.ts`. */
const SPEC_ERRORS: ReadonlyMap<number, string> = new Map([
  [-10, TOO_MUCH_WORK],
  [-20, "malformed access string"],
  [-21, "an index is out of range"],
  [-22, "the type has no members, elements or enumerators"],
  [-23, "nested too deeply"],
  [-24, "a member has no name"],
  [-25, "a type has no size"],
  [-26, "unsupported kind of relocation"],
  [-27, "ambiguous: several types of that name differ"],
  [-28, "a bit-field that no load can cover"],
  [-29, "the type has no name to look for"],
]);

/** Larger BTF is refused: a distribution kernel has 4 to 8 MB. */
const MAX_BTF_SIZE = 64 << 20;

/** BTF that the engine refuses. */
export class BtfError extends Error {
  /** The name of the class. */
  override readonly name = "BtfError";

  /**
   * Makes the error, with its message.
   *
   * @param source where the BTF comes from
   * @param offset byte offset that the reason is about
   * @param reason what is wrong
   */
  constructor(readonly source: string, readonly offset: number, reason: string) {
    super(`Cannot use the BTF of ${source}: offset ${offset}: ${reason}`);
  }
}

/** What an instruction must hold now, and what it shall hold. */
export interface RelocationResult {
  /** What the instruction holds as compiled. */
  readonly original: bigint;
  /** What it shall hold. */
  readonly value: bigint;
  /** Sizes of the field in bytes, here and in the target; 0 where they do not apply. */
  readonly originalSize: number;
  /** As `originalSize`, in the target. */
  readonly size: number;
  /** The target has no such thing: the instruction must never run. */
  readonly poison: boolean;
  /** The instruction must hold `original` before it is changed. */
  readonly validate: boolean;
  /** The sizes differ in a way that a load or store cannot follow. */
  readonly unsafeSize: boolean;
}

/** A name that is looked for in the kernel's BTF. */
export type Wanted = number & { readonly brand: unique symbol };

/** Calls the engine; what becomes of a trap, which is a mistake in the engine, is the caller's choice. */
function trapped<Result>(call: () => number, onTrap: (reason: string) => Result): Result | number {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    return onTrap(`the engine failed: ${error.message}`);
  }
}

/**
 * A running engine.
 *
 * Order of calls: constructor; `wantType` and `wantName`; `openTarget`; `openModule` for every module, if
 * something that is wanted has not been found; then the rest.
 */
export class CoreEngine {
  readonly #core: CoreExports;
  readonly #wantedTypes = new Map<number, number>();
  /** Results by what was asked: programs of one object ask the same again and again. */
  readonly #results = new Map<string, RelocationResult>();

  /**
   * Opens the BTF of an object.
   *
   * @param localBtf the object's `.BTF` section
   * @throws {BtfError} if it is malformed
   */
  constructor(localBtf: Uint8Array) {
    this.#core = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports as unknown as CoreExports;
    const source = "the object";
    this.#open(source, localBtf.length, (buffer) => buffer.set(localBtf), this.#core.openLocal);
  }

  #bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#core.memory.buffer as ArrayBuffer, address, length);
  }

  #reserve(length: number, source: string): number {
    if (length > MAX_BTF_SIZE) {
      throw new BtfError(source, 0, `${length} bytes are more than the ${MAX_BTF_SIZE} that are accepted`);
    }
    const address = this.#core.alloc(length);
    if (address === 0) throw new BtfError(source, 0, "out of memory");
    return address;
  }

  /** Reserves memory, has it filled and opened: the number that is no error. */
  #open(
    source: string,
    length: number,
    fill: (buffer: Uint8Array<ArrayBuffer>) => void,
    open: (address: number, length: number) => number,
  ): number {
    const address = this.#reserve(length, source);
    fill(this.#bytes(address, length));
    const result = trapped(() => open(address, length), (reason) => new BtfError(source, 0, reason));
    if (typeof result !== "number") throw result;
    if (result >= 0) return result;
    const reason = BTF_ERRORS.get(result) ?? `error ${result}`;
    throw new BtfError(source, this.#core.lastErrorOffset() >>> 0, reason);
  }

  /** Registers the root type of a relocation. */
  wantType(id: number): void {
    if (!this.#wantedTypes.has(id)) this.#wantedTypes.set(id, this.#core.wantType(id));
  }

  /**
   * Registers a name of the kernel's BTF, or of a module's.
   *
   * @param name the name
   * @param kind one of {@linkcode BtfKind}
   */
  wantName(name: string, kind: number): Wanted {
    const text = new TextEncoder().encode(`${name}\0`);
    const address = this.#reserve(text.length, "the kernel");
    this.#bytes(address, text.length).set(text);
    return this.#core.wantName(address, kind) as Wanted;
  }

  /**
   * Opens the target's BTF, read by `fill` right into the engine's memory.
   *
   * @param source where it comes from, for errors
   * @param length its size in bytes
   * @param fill puts the bytes into the buffer it is given
   * @throws {BtfError} if it is malformed
   */
  openTarget(source: string, length: number, fill: (buffer: Uint8Array<ArrayBuffer>) => void): void {
    this.#open(source, length, fill, this.#core.openTarget);
  }

  /**
   * Opens the BTF of a module, which continues that of the kernel, after `openTarget`. Only what the
   * kernel's own lacks is looked for in it.
   *
   * @param source where it comes from, for errors
   * @param length its size in bytes
   * @param fill puts the bytes into the buffer it is given
   * @returns the module's number, as `foundIn` tells it: 1 for the first that is opened, then 2
   * @throws {BtfError} if it is malformed
   */
  openModule(source: string, length: number, fill: (buffer: Uint8Array<ArrayBuffer>) => void): number {
    this.#results.clear();
    return this.#open(source, length, fill, this.#core.openModule);
  }

  /** Id of the target's type with a wanted name and kind, 0 if there is none. */
  foundType(wanted: Wanted): number {
    return this.#core.foundType(wanted);
  }

  /** The number of the module that `foundType` is in, 0 for the kernel's own BTF. */
  foundIn(wanted: Wanted): number {
    return this.#core.foundIn(wanted);
  }

  /** True if nothing has been found for the root type of a relocation: modules may have it. */
  lacksType(id: number): boolean {
    return this.#core.foundType(this.#wantedTypes.get(id) ?? 0) === 0;
  }

  /**
   * Whether an extern fits what has been found for its name: of a function the prototype is compared, of a
   * variable the type, as libbpf does it for `.ksyms`.
   *
   * @param id the extern in the object's BTF: a variable, a function, or a type
   * @param wanted what was registered for it
   */
  isCompatible(id: number, wanted: Wanted): boolean {
    return trapped(() => this.#core.isCompatible(id, wanted), () => 0) > 0;
  }

  /**
   * Computes a relocation.
   *
   * @param relocation a record whose root type has been registered
   * @returns the result, or the reason why there is none
   */
  relocate(relocation: CoreRelocation): RelocationResult | string {
    const { type, access, kind } = relocation;
    const key = `${type}:${access}:${kind}`;
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    const result = this.#compute(relocation);
    if (typeof result !== "string") this.#results.set(key, result);
    return result;
  }

  #compute({ type, access, kind }: CoreRelocation): RelocationResult | string {
    const wanted = this.#wantedTypes.get(type) ?? 0;
    const code = trapped(() => this.#core.relocateAccess(type, access, kind, wanted), (reason) => reason);
    if (typeof code === "string") return code;
    if (code < 0) return SPEC_ERRORS.get(code) ?? `error ${code}`;
    // The layout is that of the class Result in assembly/relocate.ts.
    const view = new DataView(this.#core.memory.buffer, this.#core.resultAddress());
    return {
      original: view.getBigUint64(0, true),
      value: view.getBigUint64(8, true),
      originalSize: view.getUint32(16, true),
      size: view.getUint32(20, true),
      poison: view.getUint32(24, true) !== 0,
      validate: view.getUint32(28, true) !== 0,
      unsafeSize: view.getUint32(32, true) !== 0,
    };
  }
}
