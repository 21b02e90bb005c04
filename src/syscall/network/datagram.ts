/** Datagrams to a Unix socket, for which Deno's own API is unstable. @module */
import { checked, retried } from "../errno.ts";
import { FileDescriptor } from "../fd.ts";
import { libc } from "../libc.ts";

/** Source: `include/linux/socket.h`, `include/linux/net.h`, `include/uapi/asm-generic/fcntl.h`. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** `sun_path` of `struct sockaddr_un` (`include/uapi/linux/un.h`). */
const PATH_BYTES = 108;

/** `struct sockaddr_un`, as long as the name needs: in the abstract namespace every byte counts. */
function socketAddress(name: string): Uint8Array<ArrayBuffer> {
  const isAbstract = name.startsWith("@");
  const path = new TextEncoder().encode(isAbstract ? `\0${name.slice(1)}` : `${name}\0`);
  if (path.length > PATH_BYTES) {
    throw new RangeError(`Cannot send to ${name}: the name of a socket has at most ${PATH_BYTES} bytes`);
  }
  const address = new Uint8Array(new ArrayBuffer(2 + path.length));
  new Uint16Array(address.buffer, 0, 1)[0] = AF_UNIX;
  address.set(path, 2);
  return address;
}

/** A socket that sends text to another one. */
export class DatagramSender implements Disposable {
  readonly #name: string;
  readonly #address: Uint8Array<ArrayBuffer>;
  readonly #socket: FileDescriptor;

  /** @param name the receiver's path, or with `@` in front its name in the abstract namespace */
  constructor(name: string) {
    this.#name = name;
    this.#address = socketAddress(name);
    const fd = libc().socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    this.#socket = new FileDescriptor(checked(fd, "socket", () => "make a Unix socket"));
  }

  /** Sends one datagram; does not wait for a receiver that is slow. */
  send(text: string): void {
    const bytes = new TextEncoder().encode(text);
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    const sent = retried(() =>
      Number(
        libc().sendto(
          this.#socket.number,
          bytes,
          BigInt(bytes.length),
          flags,
          this.#address,
          this.#address.length,
        ),
      )
    );
    checked(sent, "sendto", () => `send to the socket ${this.#name}`);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
