/** What the kernel holds for TCP connections, for which Deno has no API and shows no descriptor. @module */
import { libc } from "../libc.ts";

/** Source: `include/uapi/asm-generic/socket.h`, `include/linux/socket.h`, `include/uapi/linux/tcp.h`. */
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_ACCEPTCONN = 30;
const IPPROTO_TCP = 6;
const TCP_USER_TIMEOUT = 18;

/** `sizeof(struct sockaddr_in6)`; the port of both families is at offset 2, in network order. */
const ADDRESS_BYTES = 28;
const PORT_OFFSET = 2;

/** Below it are the descriptors that are looked at: a process gets the lowest one that is free. */
const DESCRIPTORS = 1024;

/** What a connection may have the kernel hold. */
export interface SocketLimits {
  /** Bytes that have been written and not been taken; the kernel doubles it for its own use (`man 7 socket`). */
  readonly sendBytes: number;
  /** Bytes that have come and not been read; doubled likewise. */
  readonly receiveBytes: number;
  /** Milliseconds after which what has not been taken is thrown away, also when the socket has been closed. */
  readonly userTimeoutMs: number;
}

function integer(value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Int32Array([value]).buffer);
}

function isListener(fd: number): boolean {
  const value = new Int32Array(new ArrayBuffer(4));
  const bytes = new Uint8Array(value.buffer);
  return libc().getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, bytes, integer(4)) === 0 && value[0] === 1;
}

/** The local port of a socket of IPv4 or IPv6; -1 of anything else. */
function portOf(fd: number): number {
  const address = new Uint8Array(new ArrayBuffer(ADDRESS_BYTES));
  if (libc().getsockname(fd, address, integer(ADDRESS_BYTES)) !== 0) return -1;
  return new DataView(address.buffer).getUint16(PORT_OFFSET);
}

/**
 * Limits every connection that will be accepted on a port: a socket has the options of the one that listened
 * (`sk_clone_lock()` in `net/core/sock.c`).
 *
 * @returns false if this process does not listen on the port, or the kernel refuses an option
 */
export function limitConnections(port: number, limits: SocketLimits): boolean {
  for (let fd = 0; fd < DESCRIPTORS; fd++) {
    if (!isListener(fd) || portOf(fd) !== port) continue;
    const options = [
      [SOL_SOCKET, SO_SNDBUF, limits.sendBytes],
      [SOL_SOCKET, SO_RCVBUF, limits.receiveBytes],
      [IPPROTO_TCP, TCP_USER_TIMEOUT, limits.userTimeoutMs],
    ] as const;
    return options.every(([level, name, value]) =>
      libc().setsockopt(fd, level, name, integer(value), 4) === 0
    );
  }
  return false;
}
