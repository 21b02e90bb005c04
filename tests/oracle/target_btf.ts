/**
 * The BTF of other kernels, as files: what CO-RE relocations are made for.
 *
 * @module
 */
import { compileBpf } from "../support/compile.ts";
import { ROOT } from "../support/ktm.ts";
import { type Architecture, ARCHITECTURES } from "../vm/architectures.ts";
import { cachedFolder } from "../vm/cache.ts";
import { type FetchedKernel, fetchKernel } from "../vm/kernel/fetch.ts";
import { moduleName, unpackModule } from "../vm/kernel/modules.ts";
import { type Kernel, KERNELS } from "../vm/kernels.ts";
import { runProgram } from "../vm/programs.ts";

/** A kernel's BTF, as a folder like `/sys/kernel/btf`: `vmlinux`, and a file for each module. */
export interface TargetBtf {
  readonly name: string;
  /** The files as the kernel has them. */
  readonly folder: string;
  /** The same with the header of 24 bytes that every reader of BTF knows; may be the same folder. */
  readonly plainFolder: string;
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

/** The least that all types of a kernel take, and all of its strings: less is something else, or of a module. */
const LEAST_SIZE = 1 << 16;

/**
 * Finds the kernel's BTF in an image that is not packed.
 *
 * @param image an Image of arm64: what is in the sections of the kernel's ELF file, one after the other
 */
export function btfInImage(image: Uint8Array): Uint8Array | undefined {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  for (let at = 0; at + LONG_HEADER_SIZE <= image.length; at += 4) {
    // Magic number, version 1, no flags.
    if (view.getUint32(at, true) !== 0x0001eb9f) continue;
    const [header, typesAt, types, stringsAt, strings] = [4, 8, 12, 16, 20]
      .map((field) => view.getUint32(at + field, true));
    const end = at + header! + stringsAt! + strings!;
    if (typesAt === 0 && types! >= LEAST_SIZE && strings! >= LEAST_SIZE && end <= image.length) {
      return image.subarray(at, end);
    }
  }
  return undefined;
}

async function packedBtf(image: string, folder: string): Promise<Uint8Array | undefined> {
  const packed = packedKernel(await Deno.readFile(image));
  const magic = packed.subarray(0, 6).toHex();
  const unpacker = UNPACKERS.find(([start]) => magic.startsWith(start));
  if (unpacker === undefined) throw new Error(`Cannot unpack ${image}: no known method begins with ${magic}`);
  const [, program, ...args] = unpacker;
  const packedPath = `${folder}/packed`;
  await Deno.writeFile(packedPath, packed);
  const vmlinux = await runProgram(program, [...args, packedPath], { purpose: "unpack a kernel" });
  await Deno.remove(packedPath);
  return elfSection(vmlinux, ".BTF");
}

/** Modules whose types programs ask for: a driver of disks, and one that has functions for BPF programs. */
const MODULES: readonly string[] = ["virtio_blk", "nf_conntrack"];

/** BTF of modules came with 5.11. */
async function moduleBtf({ folder, files }: FetchedKernel): Promise<[name: string, btf: Uint8Array][]> {
  const paths = files.filter((path) => path.includes(".ko") && MODULES.includes(moduleName(path)));
  const found = await Promise.all(paths.map(async (path) => {
    const btf = elfSection(await unpackModule(`${folder}/${path}`), ".BTF");
    return btf === undefined ? [] : [[moduleName(path), btf] as [string, Uint8Array]];
  }));
  return found.flat();
}

/** Folders of a kernel's BTF: as it is, with the header of 24 bytes, with a layout section. */
const FORMS: Readonly<Record<string, (btf: Uint8Array) => Uint8Array>> = {
  original: (btf) => btf,
  plain: withPlainHeader,
  long: (btf) => withLayoutSection(withPlainHeader(btf)),
};

async function unpackInto(folder: string, kernel: Kernel, architecture: Architecture): Promise<void> {
  const fetched = await fetchKernel(kernel, architecture);
  const { image } = fetched;
  const btf = architecture.name === "arm64"
    ? btfInImage(await Deno.readFile(image))
    : await packedBtf(image, folder);
  if (btf === undefined) throw new Error(`Cannot use kernel ${kernel.release}: ${image} has no BTF`);
  const all = [["vmlinux", btf] as const, ...await moduleBtf(fetched)];
  for (const [form, change] of Object.entries(FORMS)) {
    await Deno.mkdir(`${folder}/${form}`);
    for (const [name, btf] of all) await Deno.writeFile(`${folder}/${form}/${name}`, change(btf));
  }
}

async function kernelBtf(kernel: Kernel, architecture: Architecture): Promise<TargetBtf[]> {
  const folder = await cachedFolder(
    `target-btf/${kernel.release}-${architecture.name}`,
    (path) => unpackInto(path, kernel, architecture),
  );
  const name = `${kernel.release} ${architecture.name}`;
  const plainFolder = `${folder}/plain`;
  const target = { name, folder: `${folder}/original`, plainFolder };
  const isNewest = kernel === KERNELS.at(-1) && architecture.name === "amd64";
  const long = { name: `${name} with a layout section`, folder: `${folder}/long`, plainFolder };
  return isNewest ? [target, long] : [target];
}

/** To fetch a kernel takes ten seconds: of arm64, which differs in the same ways, two are enough. */
const RELEASES: Readonly<Record<Architecture["name"], readonly string[]>> = {
  amd64: KERNELS.map(({ release }) => release),
  arm64: ["6.12", "7.3"],
};

/**
 * The BTF of every kernel of the matrix on amd64, and of some on arm64, and that of the newest with a layout section,
 * whether its build made one or not. It is unpacked once.
 *
 * @param isWanted which kernels, if not all: those that are not there yet are fetched
 */
export async function matrixBtf(
  isWanted: (release: string, architecture: string) => boolean = () => true,
): Promise<TargetBtf[]> {
  // What is fetched is waited for: one kernel of each architecture at a time.
  const targets = await Promise.all(ARCHITECTURES.map(async (architecture) => {
    const targets: TargetBtf[][] = [];
    const kernels = KERNELS.filter(({ release }) => RELEASES[architecture.name].includes(release))
      .filter(({ release }) => isWanted(release, architecture.name));
    for (const kernel of kernels) {
      targets.push(await kernelBtf(kernel, architecture));
    }
    return targets.flat();
  }));
  return targets.flat();
}

/** The running kernel's. */
export const RUNNING_BTF: TargetBtf = {
  name: "the running kernel",
  folder: "/sys/kernel/btf",
  plainFolder: "/sys/kernel/btf",
};

/**
 * Layouts of our own, from `tests/objects/layouts`: they have what no kernel has.
 *
 * @param parent where to put the files
 */
export async function layoutBtf(parent: string): Promise<TargetBtf[]> {
  const files = await Array.fromAsync(Deno.readDir(new URL(LAYOUTS, ROOT)));
  const names = files.flatMap(({ name }) => name.endsWith(".c") ? [name.slice(0, -2)] : []);
  return await Promise.all(names.map(async (name) => {
    const folder = `${parent}/${name}`;
    const path = `${folder}/vmlinux`;
    await Deno.mkdir(folder);
    await compileBpf(`${LAYOUTS}/${name}.c`, path);
    await Deno.writeFile(path, elfSection(await Deno.readFile(path), ".BTF")!);
    return { name: `layout ${name}`, folder, plainFolder: folder };
  }));
}
