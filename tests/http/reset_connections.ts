/** Connections that their client resets at once. @module */
import assert from "node:assert/strict";

const LIBC = { x86_64: "/lib/x86_64-linux-gnu/libc.so.6", aarch64: "/lib/aarch64-linux-gnu/libc.so.6" };

/** Source: `include/linux/socket.h`, `include/uapi/asm-generic/socket.h`. */
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_LINGER = 13;

/** `struct linger`: closing resets, and throws away what has not been sent (`man 7 socket`). */
const RESET = new Uint8Array(Int32Array.of(1, 0).buffer);

/** `struct sockaddr_in` of a port of 127.0.0.1. */
function loopback(port: number): Uint8Array<ArrayBuffer> {
  const address = new DataView(new ArrayBuffer(16));
  address.setUint16(0, AF_INET, true);
  address.setUint16(2, port);
  address.setUint32(4, 0x7f00_0001);
  return new Uint8Array(address.buffer);
}

/** Connects to a port of this machine and resets, so many times, before it gives the thread back. */
export function resetConnections(port: number, count: number): void {
  const library = Deno.dlopen(LIBC[Deno.build.arch], {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { socket, connect, setsockopt, close } = library.symbols;
  for (let index = 0; index < count; index++) {
    const fd = socket(AF_INET, SOCK_STREAM, 0);
    assert.ok(fd >= 0);
    assert.equal(connect(fd, loopback(port), 16), 0);
    assert.equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, RESET, RESET.length), 0);
    assert.equal(close(fd), 0);
  }
  library.close();
}
