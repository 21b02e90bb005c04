/**
 * The BTF of other kernels, as files: what CO-RE relocations are made for.
 *
 * @module
 */
import { compileBpf } from "./compile.ts";
import { ROOT } from "./ktm.ts";
import { ARCHITECTURES } from "../vm/architectures.ts";
import { cachedFolder } from "../vm/cache.ts";
import { fetchKernel } from "../vm/kernel/fetch.ts";
import { type Kernel, KERNELS } from "../vm/kernels.ts";
import { runProgram } from "../vm/programs.ts";

/** A kernel's BTF. */
export interface TargetBtf {
  readonly name: string;
  /** The file as the kernel has it. */
  readonly path: string;
  /** The same with the header of 24 bytes that every reader of BTF knows; may be the same file. */
  readonly plainPath: string;
}

const LAYOUTS = "tests/objects/layouts";

/** The header's length before Linux 7.1, and from then on. Source: `include/uapi/linux/btf.h`. */
const PLAIN_HEADER_SIZE = 24;
const LONG_HEADER_SIZE = 32;

/**
 * The layout section: for each kind of type the size of what follows its 12 bytes, and of each of its members.
 * Source: `struct btf_layout`, `include/uapi/linux/btf.h`.
 */
const LAYOUT_SECTION = new Uint8Array(
  [
    [0, 0],
    [4, 0],
    [0, 0],
    [12, 0],
    [0, 12],
    [0, 12],
    [0, 8],
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 8],
  ]
    .concat([[4, 0], [0, 12], [0, 0], [4, 0], [0, 0], [0, 12]])
    .flatMap(([info, element]) => [info!, element!, 0, 0]),
);

/** Programs that unpack a kernel, by the first bytes of what is packed. */
const UNPACKERS: readonly (readonly [magic: string, program: string, ...args: string[]])[] = [
  ["1f8b", "gzip", "--decompress", "--stdout"],
  ["fd377a585a00", "xz", "--decompress", "--stdout", "--single-stream"],
  ["28b52ffd", "zstd", "--decompress", "--stdout"],
  ["02214c18", "lz4", "--decompress", "--stdout"],
];

/**
 * Finds the packed kernel in an image that a boot loader starts.
 *
 * @param image a bzImage; the offsets are those of Documentation/arch/x86/boot.rst
 */
export function packedKernel(image: Uint8Array): Uint8Array {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const setupSectors = view.getUint8(0x1f1) || 4;
  const start = (setupSectors + 1) * 512 + view.getUint32(0x248, true);
  const packed = image.subarray(start, start + view.getUint32(0x24c, true));
  // Gzip has the size of what is packed in its own trailer; to all else the build adds it.
  return packed[0] === 0x1f ? packed : packed.subarray(0, -4);
}

/**
 * Finds a section of an ELF64 file.
 *
 * @returns its bytes, or undefined if there is none of that name
 */
export function elfSection(file: Uint8Array, wanted: string): Uint8Array | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const table = Number(view.getBigUint64(0x28, true));
  const [entrySize, count, names] = [0x3a, 0x3c, 0x3e].map((at) => view.getUint16(at, true));
  const place = (index: number) => {
    const at = table + index * entrySize!;
    const [offset, size] = [at + 24, at + 32].map((field) => Number(view.getBigUint64(field, true)));
    return { name: view.getUint32(at, true), data: file.subarray(offset!, offset! + size!) };
  };
  const strings = new TextDecoder("latin1").decode(place(names!).data);
  const sections = Array.from({ length: count! }, (_, index) => place(index));
  return sections.find(({ name }) => strings.startsWith(`${wanted}\0`, name))?.data;
}

/**
 * Puts the header of 24 bytes before BTF's types and strings.
 *
 * @param btf BTF with a header of any length
 */
export function withPlainHeader(btf: Uint8Array): Uint8Array {
  const view = new DataView(btf.buffer, btf.byteOffset, btf.byteLength);
  const headerSize = view.getUint32(4, true);
  const [typesAt, typesSize, stringsAt, stringsSize] = [8, 12, 16, 20].map((at) => view.getUint32(at, true));
  const types = btf.subarray(headerSize + typesAt!, headerSize + typesAt! + typesSize!);
  const strings = btf.subarray(headerSize + stringsAt!, headerSize + stringsAt! + stringsSize!);
  const plain = new Uint8Array(PLAIN_HEADER_SIZE + types.length + strings.length);
  plain.set(btf.subarray(0, 4));
  const header = new DataView(plain.buffer);
  [PLAIN_HEADER_SIZE, 0, types.length, types.length, strings.length].forEach((value, index) =>
    header.setUint32(4 + 4 * index, value, true)
  );
  plain.set(types, PLAIN_HEADER_SIZE);
  plain.set(strings, PLAIN_HEADER_SIZE + types.length);
  return plain;
}

/**
 * Puts a header of 32 bytes before BTF's types and strings, and a layout section between them, as Linux 7.1 and
 * later can have it.
 *
 * @param plain BTF with a header of 24 bytes
 */
export function withLayoutSection(plain: Uint8Array): Uint8Array {
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const [typesSize, stringsSize] = [view.getUint32(12, true), view.getUint32(20, true)];
  const types = plain.subarray(PLAIN_HEADER_SIZE, PLAIN_HEADER_SIZE + typesSize);
  const stringsAt = typesSize + LAYOUT_SECTION.length;
  const long = new Uint8Array(LONG_HEADER_SIZE + stringsAt + stringsSize);
  long.set(plain.subarray(0, 4));
  const header = new DataView(long.buffer);
  [LONG_HEADER_SIZE, 0, typesSize, stringsAt, stringsSize, typesSize, LAYOUT_SECTION.length]
    .forEach((value, index) => header.setUint32(4 + 4 * index, value, true));
  long.set(types, LONG_HEADER_SIZE);
  long.set(LAYOUT_SECTION, LONG_HEADER_SIZE + typesSize);
  long.set(plain.subarray(plain.length - stringsSize), LONG_HEADER_SIZE + stringsAt);
  return long;
}

async function unpackInto(folder: string, kernel: Kernel): Promise<void> {
  const architecture = ARCHITECTURES.find(({ name }) => name === "amd64")!;
  const { image } = await fetchKernel(kernel, architecture);
  const packed = packedKernel(await Deno.readFile(image));
  const magic = packed.subarray(0, 6).toHex();
  const unpacker = UNPACKERS.find(([start]) => magic.startsWith(start));
  if (unpacker === undefined) throw new Error(`Cannot unpack ${image}: no known method begins with ${magic}`);
  const [, program, ...args] = unpacker;
  const packedPath = `${folder}/packed`;
  await Deno.writeFile(packedPath, packed);
  const vmlinux = await runProgram(program, [...args, packedPath], { purpose: "unpack a kernel" });
  await Deno.remove(packedPath);
  const btf = elfSection(vmlinux, ".BTF");
  if (btf === undefined) throw new Error(`Cannot use kernel ${kernel.release}: ${image} has no BTF`);
  const plain = withPlainHeader(btf);
  await Deno.writeFile(`${folder}/vmlinux`, btf);
  await Deno.writeFile(`${folder}/plain`, plain);
  await Deno.writeFile(`${folder}/long`, withLayoutSection(plain));
}

/**
 * The BTF of every kernel of the matrix, oldest first, and that of the newest with a layout section, whether its
 * build made one or not. It is unpacked once.
 */
export async function matrixBtf(): Promise<TargetBtf[]> {
  const targets: TargetBtf[] = [];
  for (const kernel of KERNELS) {
    const folder = await cachedFolder(`btf/${kernel.release}-amd64`, (path) => unpackInto(path, kernel));
    const file = (name: string) => `${folder}/${name}`;
    const target = { plainPath: file("plain") };
    targets.push({ ...target, name: kernel.release, path: file("vmlinux") });
    if (kernel === KERNELS.at(-1)) {
      targets.push({ ...target, name: `${kernel.release} with a layout section`, path: file("long") });
    }
  }
  return targets;
}

/** The running kernel's. */
export const RUNNING_BTF: TargetBtf = {
  name: "the running kernel",
  path: "/sys/kernel/btf/vmlinux",
  plainPath: "/sys/kernel/btf/vmlinux",
};

/**
 * Layouts of our own, from `tests/objects/layouts`: they have what no kernel has.
 *
 * @param folder where to put the files
 */
export async function layoutBtf(folder: string): Promise<TargetBtf[]> {
  const files = await Array.fromAsync(Deno.readDir(new URL(LAYOUTS, ROOT)));
  const names = files.flatMap(({ name }) => name.endsWith(".c") ? [name.slice(0, -2)] : []);
  return await Promise.all(names.map(async (name) => {
    const path = `${folder}/${name}.btf`;
    await compileBpf(`${LAYOUTS}/${name}.c`, path);
    await Deno.writeFile(path, elfSection(await Deno.readFile(path), ".BTF")!);
    return { name: `layout ${name}`, path, plainPath: path };
  }));
}
