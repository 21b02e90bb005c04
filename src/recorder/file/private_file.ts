/** Which file may be a recorder file, and opening it. @module */
import { effectiveUser, lock, openHeld } from "../../syscall/files/held_file.ts";
import { messageOf } from "../../syscall/message_of.ts";
import {
  descriptorStat,
  Errno,
  type FileDescriptor,
  type FileStatus,
  isErrno,
  linkStat,
  readTextFile,
} from "../../syscall/mod.ts";
import { fileBytes, MOST_SEGMENTS } from "./format.ts";

/** A file that cannot be a recorder file, or is one that another agent has. */
export class RecorderFileError extends Error {
  /** The name of the class. */
  override readonly name = "RecorderFileError";
  /** Whether a later start may succeed: another agent has it, or its file system is full. */
  readonly isTemporary: boolean;

  /**
   * @param message what is wrong and what to do
   * @param isTemporary whether a later start may succeed
   */
  constructor(message: string, isTemporary = false) {
    super(message);
    this.isTemporary = isTemporary;
  }
}

/** The most that any recorder file takes; more is not read. */
const MOST_BYTES = fileBytes(MOST_SEGMENTS);

const GROUP_OR_OTHERS_WRITE = 0o022;

/** What forbids to use a file, by what is true of it. */
const REFUSALS: readonly { is(status: FileStatus, user: number): boolean; reason: string }[] = [
  { is: ({ kind }) => kind !== "regular file", reason: "it is not a regular file; set another path" },
  { is: ({ owner }, user) => owner !== user, reason: "it belongs to another user; set another path" },
  {
    is: ({ permissions }) => (permissions & GROUP_OR_OTHERS_WRITE) !== 0,
    reason: "other users may write to it (chmod 600)",
  },
  { is: ({ links }) => links > 1, reason: "it has a second name (hard link); set another path" },
];

function check(path: string, status: FileStatus): void {
  if (status.kind === "regular file" && status.size > MOST_BYTES) {
    const mib = (bytes: number | bigint) => Math.floor(Number(bytes) / 2 ** 20);
    throw new RecorderFileError(
      `Cannot use recorder file ${path}: it has ${mib(status.size)} MiB, and ktm writes at most ${
        mib(MOST_BYTES)
      }; remove it, or set another path`,
    );
  }
  const reason = REFUSALS.find(({ is }) => is(status, effectiveUser()))?.reason;
  if (reason !== undefined) throw new RecorderFileError(`Cannot use recorder file ${path}: ${reason}`);
}

/** Source: `man 5 proc_locks`; devices and inodes as `fs/locks.c` prints them. */
function holderOf({ device, inode }: FileStatus): string | undefined {
  const hex = (value: bigint) => value.toString(16).padStart(2, "0");
  const id = `${hex(device >> 20n)}:${hex(device & 0xfffffn)}:${inode}`;
  try {
    const lines = readTextFile("/proc/locks").split("\n").map((line) => line.split(/\s+/));
    const pid = lines.find(([, kind, , , , file]) => kind === "FLOCK" && file === id)?.[4];
    return pid === undefined || Number(pid) <= 0 ? undefined : pid;
  } catch {
    return undefined;
  }
}

const FORBIDDEN = "give its directory to the agent's user (chown), or set another path";

/** What helps where the kernel refuses. */
const REMEDIES: readonly { readonly errno: number; readonly remedy: string }[] = [
  { errno: Errno.EACCES, remedy: FORBIDDEN },
  { errno: Errno.EPERM, remedy: FORBIDDEN },
  { errno: Errno.ENOSPC, remedy: "free space on its file system" },
  { errno: Errno.EROFS, remedy: "set a path on tmpfs, such as below /run" },
];

function openChecked(path: string): FileDescriptor {
  try {
    // Before it is opened: opening a device may do something.
    check(path, linkStat(path));
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
  }
  return openHeld(path);
}

/**
 * Opens and locks a file that only this user can write to, or makes it with permissions 0600.
 *
 * @throws {RecorderFileError} if it is no such file, another agent has it, or the kernel refuses
 */
export function openPrivateFile(path: string): FileDescriptor {
  using opened = new DisposableStack();
  try {
    const fd = opened.use(openChecked(path));
    const status = descriptorStat(fd.number, path);
    // Another file may have come to the path since it was looked at.
    check(path, status);
    if (!lock(fd, path)) {
      const holder = holderOf(status);
      const by = holder === undefined ? "another process" : `process ${holder}`;
      throw new RecorderFileError(
        `Recorder file ${path} in use by ${by}: stop that agent, or set another recorder.file`,
        true,
      );
    }
    opened.move();
    return fd;
  } catch (error) {
    if (error instanceof RecorderFileError) throw error;
    if (isErrno(error, Errno.ENOENT)) {
      throw new RecorderFileError(
        `Cannot create recorder file ${path}: its directory does not exist; create it first`,
      );
    }
    throw refusalOf(error);
  }
}

/** What to say where the kernel refuses. */
export function refusalOf(error: unknown): RecorderFileError {
  const reason = messageOf(error);
  const remedy = REMEDIES.find(({ errno }) => isErrno(error, errno))?.remedy;
  const message = remedy === undefined ? reason : `${reason}; ${remedy}`;
  return new RecorderFileError(message, isErrno(error, Errno.ENOSPC));
}
