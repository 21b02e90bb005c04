/**
 * Files, directories and links through libc.
 *
 * Deno's own file API needs every permission for `/proc`, `/sys` and `/dev`; libc needs none but FFI.
 *
 * @module
 */
import { syscallNumbers } from "../arch.ts";
import { checked, retried } from "../errno.ts";
import { FileDescriptor } from "../fd.ts";
import { libc } from "../libc.ts";
import { addressOf, cString, textBeforeNul } from "../memory.ts";
import { HOST_IS_LITTLE_ENDIAN, type Layout, readField } from "../struct.ts";

const decoder = new TextDecoder();

/** Flags of `open(2)`. Source: `include/uapi/asm-generic/fcntl.h`; the same on x86 and arm64. */
export const OpenFlag = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  CREAT: 0o100,
  EXCL: 0o200,
  TRUNC: 0o1000,
  NOCTTY: 0o400,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  CLOEXEC: 0o2000000,
  /** A place to name to other calls, for which no right to the file is needed. */
  PATH: 0o10000000,
} as const;

/** Opens a file, read-only unless told otherwise, always close-on-exec. */
export function openFile(path: string, flags: number = OpenFlag.RDONLY, mode = 0o600): FileDescriptor {
  const name = cString(path);
  const fd = retried(() => libc().open(name, flags | OpenFlag.CLOEXEC, mode));
  return new FileDescriptor(checked(fd, "open", () => `open ${path}`));
}

/** Fills `buffer` from the descriptor's position; fewer bytes than asked for means the end was met. */
export function readInto(fd: FileDescriptor, buffer: Uint8Array, what: string): number {
  const number = syscallNumbers().read;
  let filled = 0;
  while (filled < buffer.length) {
    const rest = buffer.subarray(filled) as Uint8Array<ArrayBuffer>;
    const count = retried(() => libc().syscall_read(number, fd.number, rest, rest.length));
    const got = checked(count, "read", () => `read ${what}`);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

/** Holds most of what is read, a hundred small files one after the other when a process is looked for. */
const firstBuffer = new Uint8Array(new ArrayBuffer(4096));

/**
 * All that a descriptor still has to give.
 *
 * @param fd the descriptor
 * @param what what it is, for errors
 */
export function readAll(fd: FileDescriptor, what: string): Uint8Array<ArrayBuffer> {
  let buffer = firstBuffer;
  let filled = 0;
  for (;;) {
    filled += readInto(fd, buffer.subarray(filled), what);
    if (filled < buffer.length) return buffer.slice(0, filled);
    const larger = new Uint8Array(new ArrayBuffer(buffer.length * 4));
    larger.set(buffer);
    buffer = larger;
  }
}

/** The whole content of a file, also of one in `/proc` or `/sys` whose size reads as zero. */
export function readFile(path: string): Uint8Array<ArrayBuffer> {
  using fd = openFile(path);
  return readAll(fd, path);
}

/**
 * The whole content of a regular file at a path that a user has chosen.
 *
 * It never waits for a pipe or a device: what is no regular file is refused before it is opened, as opening alone has
 * effects (`/dev/watchdog`), and again when it is open, because it may be another one by then.
 *
 * @param most bytes
 * @throws {SyscallError} if it cannot be opened or read
 * @throws {RangeError} if it is no regular file, or larger
 */
export function readRegularFile(path: string, most: number): Uint8Array<ArrayBuffer> {
  checkRegular(statAt(AT_FDCWD, path, 0, `open ${path}`), path);
  using fd = openFile(path, OpenFlag.RDONLY | OpenFlag.NONBLOCK | OpenFlag.NOCTTY);
  checkRegular(descriptorStat(fd.number, path), path);
  const buffer = new Uint8Array(new ArrayBuffer(most + 1));
  const length = readInto(fd, buffer, path);
  if (length > most) throw new RangeError(`Cannot use ${path}: it is larger than ${most} bytes`);
  return buffer.slice(0, length);
}

function checkRegular({ kind }: FileStatus, path: string): void {
  if (kind !== "regular file") {
    throw new RangeError(`Cannot use ${path}: it is a ${kind}, not a regular file`);
  }
}

/** The whole content of a file as text; invalid UTF-8 becomes U+FFFD. */
export function readTextFile(path: string): string {
  return decoder.decode(readFile(path));
}

/** Writes to an existing file with one `write(2)`, as control files of the kernel want it. */
export function writeTextFile(path: string, text: string): void {
  using fd = openFile(path, OpenFlag.WRONLY);
  const bytes = new TextEncoder().encode(text);
  const written = retried(() => libc().write(fd.number, bytes, BigInt(bytes.length)));
  checked(written, "write", () => `write ${JSON.stringify(text)} to ${path}`);
}

/** Writes all bytes at the descriptor's position. */
export function writeAll(fd: FileDescriptor, bytes: Uint8Array<ArrayBuffer>, what: string): void {
  for (let rest = bytes; rest.length > 0;) {
    const count = retried(() => libc().write(fd.number, rest, BigInt(rest.length)));
    rest = rest.subarray(checked(count, "write", () => `write ${what}`));
  }
}

/** Makes a directory. */
export function makeDirectory(path: string, mode = 0o755): void {
  checked(libc().mkdir(cString(path), mode), "mkdir", () => `make directory ${path}`);
}

/** Removes an empty directory. */
export function removeDirectory(path: string): void {
  checked(libc().rmdir(cString(path)), "rmdir", () => `remove directory ${path}`);
}

/** Removes a file. */
export function removeFile(path: string): void {
  checked(libc().unlink(cString(path)), "unlink", () => `remove ${path}`);
}

/** What a symbolic link holds. */
export function readLink(path: string): string {
  const buffer = new Uint8Array(4096);
  const length = libc().readlink(cString(path), buffer, BigInt(buffer.length));
  return decoder.decode(buffer.subarray(0, checked(length, "readlink", () => `read link ${path}`)));
}

/** Source: `struct linux_dirent64` in `include/linux/dirent.h`; `d_name` follows at offset 19. */
const DIRENT_RECORD_LENGTH = 16;
const DIRENT_NAME = 19;

/** The names in a directory in the order the kernel gives them, without `.` and `..`. */
export function readDirectory(path: string): string[] {
  using fd = openFile(path);
  const names: string[] = [];
  const buffer = new Uint8Array(new ArrayBuffer(32768));
  const view = new DataView(buffer.buffer);
  for (;;) {
    const result = libc().syscall_read(syscallNumbers().getdents64, fd.number, buffer, buffer.length);
    const length = checked(result, "getdents64", () => `list ${path}`);
    if (length === 0) return names;
    for (let offset = 0; offset < length;) {
      const name = textBeforeNul(buffer.subarray(offset + DIRENT_NAME, length));
      if (name !== "." && name !== "..") names.push(name);
      offset += view.getUint16(offset + DIRENT_RECORD_LENGTH, HOST_IS_LITTLE_ENDIAN);
    }
  }
}

/** Source: `struct statx` in `include/uapi/linux/stat.h`, the same on every architecture. */
export const STATX = {
  stx_mask: [0, 4],
  stx_nlink: [16, 4],
  stx_uid: [20, 4],
  stx_mode: [28, 2],
  stx_ino: [32, 8],
  stx_size: [40, 8],
  stx_dev_major: [136, 4],
  stx_dev_minor: [140, 4],
} as const satisfies Layout;

const STATX_SIZE = 256;
const STATX_BASIC_STATS = 0x7ff;
const AT_FDCWD = -100;
/** Source: `include/uapi/linux/fcntl.h`. */
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;

/** Kinds of files by the bits of `S_IFMT` (`man 7 inode`). */
const S_IFMT = 0o170000;
const FILE_KINDS = {
  0o010000: "pipe",
  0o020000: "character device",
  0o040000: "directory",
  0o060000: "block device",
  0o100000: "regular file",
  0o120000: "symbolic link",
  0o140000: "socket",
} as const;

/** What kind of file something is; `file` for what has no name, such as an eventfd. */
export type FileKind = typeof FILE_KINDS[keyof typeof FILE_KINDS] | "file";

function kindOf(mode: number): FileKind {
  const kinds: Readonly<Record<number, FileKind>> = FILE_KINDS;
  return kinds[mode & S_IFMT] ?? "file";
}

/** What `stat` tells of a file. */
export interface FileStatus {
  /** Inode number; of a cgroup directory the cgroup id, of a namespace its number. */
  readonly inode: bigint;
  /** Device number in the kernel's own encoding, `major << 20 | minor`. */
  readonly device: bigint;
  readonly kind: FileKind;
  /** Who may do what: the lowest twelve bits of `st_mode`. */
  readonly permissions: number;
  /** User id of the owner. */
  readonly owner: number;
  /** Names that the file has. */
  readonly links: number;
  /** Size in bytes. */
  readonly size: bigint;
}

function statAt(directory: number, path: string, flags: number, action: string): FileStatus {
  const buffer = new Uint8Array(STATX_SIZE);
  const name = cString(path);
  const result = libc().syscall_statx(
    syscallNumbers().statx,
    directory,
    name,
    flags,
    STATX_BASIC_STATS,
    buffer,
  );
  checked(result, "statx", () => action);
  const mode = Number(readField(buffer, STATX.stx_mode));
  return {
    inode: readField(buffer, STATX.stx_ino),
    device: readField(buffer, STATX.stx_dev_major) << 20n | readField(buffer, STATX.stx_dev_minor),
    kind: kindOf(mode),
    permissions: mode & ~S_IFMT,
    owner: Number(readField(buffer, STATX.stx_uid)),
    links: Number(readField(buffer, STATX.stx_nlink)),
    size: readField(buffer, STATX.stx_size),
  };
}

/** The status of a file, through symbolic links. */
export function stat(path: string): FileStatus {
  return statAt(AT_FDCWD, path, 0, `stat ${path}`);
}

/** The status of what a path names itself, also of a symbolic link. */
export function linkStat(path: string): FileStatus {
  return statAt(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, `stat ${path}`);
}

/**
 * The status of what a descriptor stands for.
 *
 * @param fd its number
 * @param what what it is, for errors
 */
export function descriptorStat(fd: number, what: string): FileStatus {
  return statAt(fd, "", AT_EMPTY_PATH, `stat ${what}`);
}

/** File system magics. Source: `include/uapi/linux/magic.h`. */
export const FsMagic = {
  CGROUP2: 0x63677270n,
  TMPFS: 0x01021994n,
  TRACEFS: 0x74726163n,
  PROC: 0x9fa0n,
} as const;

/** The magic number of the file system that holds `path` (`f_type` of `statfs(2)`). */
export function fileSystemMagic(path: string): bigint {
  const buffer = new Uint8Array(256);
  checked(libc().statfs(cString(path), buffer), "statfs", () => `statfs ${path}`);
  return readField(buffer, [0, 8]);
}

const PROT_READ = 1;
const MAP_PRIVATE = 2;

const MADV_HUGEPAGE = 14;
const PAGE_SIZE_MASK = 0xfffn;

/** Asks for huge pages behind a buffer that is about to be filled: one fault instead of 512. A kernel may refuse. */
function preferHugePages(buffer: Uint8Array): void {
  const address = addressOf(buffer);
  const start = address & ~PAGE_SIZE_MASK;
  libc().madvise(start, address + BigInt(buffer.length) - start, MADV_HUGEPAGE);
}

/**
 * Copies a file's first `length` bytes to `target` by mapping it, for files that support `mmap`
 * (`/sys/kernel/btf/vmlinux` from Linux 6.16) and are faster that way.
 *
 * @returns false if the file cannot be mapped
 */
export function copyMapped(fd: FileDescriptor, length: number, target: Uint8Array): boolean {
  const size = BigInt(length);
  const address = BigInt(libc().mmap(0n, size, PROT_READ, MAP_PRIVATE, fd.number, 0n));
  if (address === -1n) return false;
  preferHugePages(target);
  libc().read_memory(target as Uint8Array<ArrayBuffer>, address, size);
  libc().munmap(address, size);
  return true;
}
