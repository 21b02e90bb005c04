/**
 * Whom a request is for, and whether a web page may have sent it. Pure.
 *
 * A page in a browser on this machine reaches the loopback interface by the name of its own server once that name
 * resolves to 127.0.0.1 (DNS rebinding): for the browser the answer has the page's origin, and the page may read
 * it. The name is in `Host`, which a page cannot change. An address as `Host` is safe: no page from elsewhere has
 * that origin.
 *
 * @module
 */

/** `reg-name` of RFC 3986 section 3.2.2, with its port. */
const NAME = /^(?<host>[\w.~!$&'()*+,;=%-]+)(?::(?<port>\d{0,5}))?$/;

/** `IP-literal` with its port; what is within the brackets is looked at separately. */
const LITERAL = /^(?<host>\[[\da-f:.]{2,45}\])(?::(?<port>\d{0,5}))?$/i;

const OCTET = /^\d{1,3}$/;

/** Addresses of the loopback interface, IPv4 also in the form that an IPv6 socket shows. */
const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/i;

/**
 * Reads `uri-host [ ":" port ]` (RFC 9110 section 7.2).
 *
 * @returns the host in lower case, without the dot that a full name may end with; undefined if it is none
 *
 * @example A name with a port
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseAuthority("LocalHost.:9090"), "localhost");
 * assert.equal(parseAuthority("user@localhost"), undefined);
 * ```
 */
export function parseAuthority(text: string): string | undefined {
  const { host, port } = (LITERAL.exec(text) ?? NAME.exec(text))?.groups ?? {};
  if (host === undefined || Number(port ?? 0) > 65_535) return undefined;
  if (host.startsWith("[") && !URL.canParse(`http://${host}`)) return undefined;
  return host.toLowerCase().replace(/\.$/, "");
}

/** Whether a socket's address, without brackets, is one of the loopback interface. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.test(address);
}

/** Whether a host is an IP address and no name. */
function isAddress(host: string): boolean {
  const octets = host.split(".");
  return host.startsWith("[") ||
    octets.length === 4 && octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255);
}

/**
 * Whether a request is for this server.
 *
 * @param host whom it is for; undefined of an HTTP/1.0 request that does not say so, as no browser sends
 * @param peer the address that the connection comes from; only the loopback interface is looked at more closely
 * @param names names that are right in addition to `localhost`, in lower case
 */
export function isForUs(host: string | undefined, peer: string, names: readonly string[]): boolean {
  return host === undefined || !isLoopback(peer) || isAddress(host) || host === "localhost" ||
    names.includes(host);
}

/**
 * Whether a browser says that a page from elsewhere asks, other than by a link that was followed (Fetch Metadata,
 * https://www.w3.org/TR/fetch-metadata/). Such a page could not read the answer, but cause the work for it.
 */
export function isFromOtherSite(headers: Readonly<Record<string, string>>): boolean {
  const site = headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return false;
  return headers["sec-fetch-mode"] !== "navigate" || headers["sec-fetch-dest"] !== "document";
}
