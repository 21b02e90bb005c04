/**
 * Loads eBPF objects into the Linux kernel, without libbpf: open, set constants, load, attach, read, close.
 *
 * An object is what `clang -g --target=bpfel` makes of a C file. Its maps and programs come to life one by one,
 * when they are asked for; everything ends with the object. It takes Linux 5.10 or later with BTF, CAP_BPF and
 * CAP_PERFMON (or root), and `--allow-ffi` for the C library.
 *
 * @example Open an object, set a constant, attach a program, and use a map by the types of its C source
 * ```ts ignore
 * import { BpfObject } from "@ktm/ktm";
 * import assert from "node:assert/strict";
 *
 * const bytes = await Deno.readFile("bpf/iomonitor.bpf.o");
 * using object = new BpfObject(bytes, { constants: { nr_read: 0 } });
 * object.attach("btf_cache_add");
 * const reclaimers = object.map("ktm_reclaimers");
 * reclaimers.set(1234, 1);
 * assert.deepEqual([...reclaimers.entries()], [[1234, 1]]);
 * ```
 *
 * @example Read the records of a ring buffer by the type of its C source
 * ```ts ignore
 * import { BpfObject, decoderFor, RingBuffer } from "@ktm/ktm";
 * import assert from "node:assert/strict";
 *
 * using object = new BpfObject(await Deno.readFile("ring.bpf.o"));
 * using events = new RingBuffer(object.map("events"));
 * const decode = decoderFor(object.spec.btf, "event");
 * // Has the program write two records, the second of which has the sequence number 1.
 * object.program("write_events").run({ context: new Uint8Array(BigUint64Array.of(2n, 3n).buffer) });
 * const received: unknown[] = [];
 * const signal = AbortSignal.timeout(10_000);
 * while (received.length < 2 && await events.wait(signal)) {
 *   events.consume((record) => received.push(decode(record)));
 * }
 * assert.deepEqual(received[1], { sequence: 1n, producer: 3, check: 0xfffffffe });
 * ```
 *
 * @example Attach a program to a cgroup, and read a variable that it counts in
 * ```ts ignore
 * import { BpfObject, toCgroup } from "@ktm/ktm";
 * import assert from "node:assert/strict";
 *
 * using object = new BpfObject(await Deno.readFile("places.bpf.o"));
 * object.attach("count_egress", toCgroup("/sys/fs/cgroup/app"));
 * assert.equal(object.variable("count").get(), 0n);
 * ```
 *
 * @module
 */
export { decoderFor } from "./elf/btf/decoder.ts";
export {
  type AttachKind,
  type AttachTarget,
  BpfAttachType,
  BpfMapFlag,
  BpfMapType,
  BpfProgramFlag,
  BpfProgramType,
  type Btf,
  BtfError,
  type BtfInput,
  BtfKind,
  type BtfMember,
  type BtfType,
  type BtfValue,
  type BtfVariable,
  type ByteReader,
  type CoreRelocation,
  type DataSpec,
  decodeValue,
  type ElfSymbol,
  encodeValue,
  type ExternSpecs,
  type FuncInfo,
  type FunctionSpec,
  type InitialSlot,
  type Instructions,
  type KconfigSpec,
  type KconfigType,
  type KsymSpec,
  LINE_WORDS,
  type LineInfos,
  type LinkedProgram,
  MAP_TYPES,
  type MapShape,
  type MapSpec,
  type MapTraits,
  ObjectError,
  type ObjectSpec,
  parseObject,
  type ProgramKind,
  type ProgramSpec,
  type Relocation,
  type RelocationResult,
  type SourceLine,
  SymbolBinding,
  SymbolType,
  type VariableSpec,
} from "./elf/mod.ts";
export { toCpuClock } from "./loader/attach/cpu_clock.ts";
export {
  type NetfilterHook,
  toCgroup,
  toInterface,
  toNetfilter,
  toNetworkNamespace,
  toProgram,
} from "./loader/attach/places.ts";
export { toUserFunction } from "./loader/attach/user_function.ts";
export { RingBuffer } from "./loader/maps/ring_buffer.ts";
export {
  type Attachable,
  type AttachPlace,
  BpfLink,
  BpfMap,
  BpfObject,
  BpfProgram,
  BtfLoadError,
  DataMap,
  type DataMapContent,
  enableRunStats,
  GlobalVariable,
  hasHelper,
  knowsBtfKind,
  type LoadableProgram,
  type LoadTarget,
  MapCreateError,
  type ObjectBtf,
  type OpenOptions,
  possibleCpus,
  ProbeError,
  ProgramLoadError,
  type ProgramOrigin,
  type RunInput,
  type TargetOptions,
  toProcess,
  VerifierError,
  VMLINUX_BTF,
} from "./loader/mod.ts";
export { type FileDescriptor, SyscallError } from "./syscall/mod.ts";
