/** The address that the sidecar's HTTP server listens on. @module */
import { shown } from "./shown.ts";

/** A host and a TCP port. */
export interface ListenAddress {
  /** A name or an IP address, IPv6 without its brackets. */
  readonly hostname: string;
  /** 1 to 65535, or 0 for any free port. */
  readonly port: number;
}

const ADDRESS = /^(?:\[(?<ipv6>[0-9A-Fa-f:.]+)\]|(?<name>[^\s\p{Cc}:[\]/]+)):(?<port>\d{1,5})$/u;

/**
 * Reads `HOST:PORT`.
 *
 * @param text for example `127.0.0.1:9090`, `localhost:9090` or `[::1]:9090`
 * @throws {RangeError} if the text is no address; its message tells what is expected and leaves it to the
 * caller to say where
 */
export function parseListen(text: string): ListenAddress {
  const { ipv6, name, port } = ADDRESS.exec(text)?.groups ?? {};
  const hostname = ipv6 ?? name;
  if (hostname !== undefined && Number(port) <= 65535) return { hostname, port: Number(port) };
  throw new RangeError(
    `expected a host and a port like 127.0.0.1:9090 or [::1]:9090, got ${shown(text)}`,
  );
}

/** An address as it stands in a URL, IPv6 in brackets. */
export function formatListen({ hostname, port }: ListenAddress): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
