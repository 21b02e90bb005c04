/** Writing to a descriptor that may belong to other processes, too, without ever waiting for its reader. @module */
import { Errno, readErrno, SyscallError } from "../errno.ts";
import type { FileDescriptor } from "../fd.ts";
import { libc } from "../libc.ts";
import { POLLFD, POLLOUT } from "../processes/pidfd.ts";
import { encode, readField } from "../struct.ts";
import { descriptorStat, type FileKind, openFile, OpenFlag } from "./file.ts";

/** Source: `include/linux/socket.h`. */
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** `PIPE_BUF` of `man 7 pipe`: so much fits where poll(2) says that a pipe can be written. */
const PIPE_BUF = 4096;

const NOTHING = new Uint8Array(new ArrayBuffer(0));

/** What `O_NONBLOCK` is set for on an open file of our own. */
const OPENED_AGAIN: readonly FileKind[] = ["pipe", "character device"];

function kindOf(fd: number): FileKind {
  try {
    return descriptorStat(fd, `descriptor ${fd}`).kind;
  } catch {
    return "file";
  }
}

/**
 * Opens a pipe or a terminal again: flags belong to the open file, which standard error shares with the processes
 * around this one, and none of them expects `O_NONBLOCK`.
 *
 * @returns undefined where that is not allowed, such as for the pipe of another user
 */
function openAgain(fd: number): FileDescriptor | undefined {
  try {
    return openFile(`/proc/self/fd/${fd}`, OpenFlag.WRONLY | OpenFlag.NONBLOCK | OpenFlag.NOCTTY);
  } catch {
    return undefined;
  }
}

/**
 * A descriptor to write to.
 *
 * No write waits: a socket is sent to with `MSG_DONTWAIT`; a pipe or terminal is opened again with `O_NONBLOCK`, and
 * where that is not allowed it is asked by poll(2) first and given no more than a pipe has room for then. A regular
 * file waits for its disk in any case: a separate thread can write to it.
 */
export class Output {
  readonly #fd: number;
  readonly #isSocket: boolean;
  readonly #own: FileDescriptor | undefined;
  readonly #writesElsewhere: boolean;
  /** What has been taken and is not written yet. */
  #taken: Uint8Array<ArrayBuffer> = NOTHING;
  /** The write that the other thread is at. */
  #underway: Promise<void> | undefined;

  /**
   * @param fd its number; it stays open, and is not closed by this class
   * @param elsewhere whether another thread writes where it is a regular file
   * @throws {Error} if the C library may not be called
   */
  constructor(fd: number, elsewhere = false) {
    this.#fd = fd;
    this.isWritable(0);
    const kind = kindOf(fd);
    this.#isSocket = kind === "socket";
    this.#writesElsewhere = elsewhere && kind === "regular file";
    this.#own = OPENED_AGAIN.includes(kind) ? openAgain(fd) : undefined;
  }

  /**
   * Writes as much as there is room for now, or has the other thread write it.
   *
   * @returns bytes that are written or taken, 0 if there is no room
   * @throws {SyscallError} if it cannot be written at all: ENOSPC, EPIPE, EBADF
   */
  write(bytes: Uint8Array<ArrayBuffer>): number {
    if (!this.#writesElsewhere) return this.#writeHere(bytes);
    this.flush();
    if (this.takenBytes > 0) return 0;
    this.#taken = bytes.slice();
    this.#underway = this.#writeElsewhere(this.#taken);
    return bytes.length;
  }

  async #writeElsewhere(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const written = Number(await libc().write_elsewhere(this.#fd, bytes, BigInt(bytes.length)));
    this.#taken = bytes.subarray(Math.max(0, written));
    this.#underway = undefined;
  }

  /**
   * Writes what the other thread has failed to write. It does not know why; a disk that says no does not hang.
   *
   * @throws {SyscallError} if it cannot be written now, either
   */
  flush(): void {
    while (this.#underway === undefined && this.#taken.length > 0) {
      this.#taken = this.#taken.subarray(this.#writeHere(this.#taken));
    }
  }

  /** Bytes that are taken and not written yet. */
  get takenBytes(): number {
    return this.#taken.length;
  }

  /** What the other thread is at, if anything; it never rejects. */
  get underway(): Promise<void> | undefined {
    return this.#underway;
  }

  #writeHere(bytes: Uint8Array<ArrayBuffer>): number {
    if (this.#own === undefined && !this.#isSocket && !this.isWritable(0)) return 0;
    const piece = bytes.subarray(0, PIPE_BUF);
    const written = Number(
      this.#isSocket
        ? libc().sendto(this.#fd, piece, BigInt(piece.length), MSG_DONTWAIT | MSG_NOSIGNAL, null, 0)
        : libc().write(this.#own?.number ?? this.#fd, piece, BigInt(piece.length)),
    );
    if (written >= 0) return written;
    const errno = readErrno();
    if (errno === Errno.EAGAIN || errno === Errno.EINTR) return 0;
    throw new SyscallError(`write to descriptor ${this.#fd}`, "write", errno);
  }

  /**
   * Whether there is room, or an error to be met.
   *
   * @param timeoutMs how long to wait for it
   */
  isWritable(timeoutMs: number): boolean {
    const pollfd = encode(POLLFD, { fd: this.#fd, events: POLLOUT });
    const ready = libc().poll(pollfd, 1n, timeoutMs);
    return ready > 0 && readField(pollfd, POLLFD.revents) !== 0n;
  }
}
