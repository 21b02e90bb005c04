/** The head of an HTTP/1.1 request (RFC 9112). Pure. @module */
import { parseAuthority } from "./host.ts";

/** What is understood of a request. */
export interface RequestHead {
  readonly method: string;
  /** `*` in place of a path asks about the server as a whole. */
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
  /** Whom it is for, without the port; undefined if it does not say so, as HTTP/1.0 allows. */
  readonly host: string | undefined;
  /** By their names in lower case; a byte of a value is a character. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether another request may follow on the connection. */
  readonly keepsAlive: boolean;
  /** Whether the answer may come in chunks, its length not being known before its end. */
  readonly takesChunks: boolean;
}

/** The status to answer with what is no request that can be served. */
export type HeadRefusal = 400 | 414 | 421 | 431 | 501 | 505;

/** What bytes that have come are: a head and what follows it, or nothing that can be served. */
export type HeadReading =
  | { readonly head: RequestHead; readonly rest: string }
  | { readonly refusal: HeadRefusal };

const REQUEST_LINE =
  /^(?<method>[!#$%&'*+.^_`|~\w-]+) (?<target>[\x21-\x7e]+) HTTP\/(?<major>\d)\.(?<minor>\d)$/;

/** What a request line may begin with: a TLS handshake begins with another byte. */
const START = /^[!#$%&'*+.^_`|~\w-]*(?: |$)/;

/** Methods that are known, of which a path allows some; another one is not implemented (RFC 9110 section 9.1). */
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"];

const ABSOLUTE = /^(?<scheme>https?):\/\/(?<authority>[^/?#]*)(?<rest>.*)$/i;

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;

const LENGTH = /^\d+$/;

/** Empty lines before a request that count for nothing: RFC 9112 section 2.2 asks for one at least. */
const EMPTY_LINES = /^(?:\r?\n){0,8}/;

/** What no line may have: controls but the tab (RFC 9110 section 5.5). Bytes from 0x80 on are `obs-text`. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

/** The same before it is known where lines end, and a CR that ends none (RFC 9112 section 2.2). */
// deno-lint-ignore no-control-regex
const NEVER = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r[^\n]/;

/** An empty line after a line; a line may end with LF alone (RFC 9112 section 2.2). */
const END_OF_HEAD = /\n\r?\n/;

/** Bodies are not read; what comes behind the head of such a request is no request. */
const BODY_HEADERS = ["content-length", "transfer-encoding"];

interface RequestLine {
  readonly method: string;
  /** Path and query, or `*`. */
  readonly target: string;
  /** Of the target, if that names one. */
  readonly host: string | undefined;
  /** Whether the client speaks HTTP/1.0; a later minor version than 1 is spoken to as 1 (RFC 9110 section 6.2). */
  readonly isOld: boolean;
}

/** Reads a request line without its end (RFC 9112 section 3). */
function parseRequestLine(line: string): RequestLine | HeadRefusal {
  const { method, target, major, minor } = REQUEST_LINE.exec(line)?.groups ?? {};
  if (method === undefined || target === undefined) return 400;
  if (major !== "1") return 505;
  if (!METHODS.includes(method)) return 501;
  const isOld = minor === "0";
  if (target.startsWith("/")) return { method, target, host: undefined, isOld };
  if (target === "*") return method === "OPTIONS" ? { method, target, host: undefined, isOld } : 400;
  const { scheme, authority, rest = "" } = ABSOLUTE.exec(target)?.groups ?? {};
  const host = authority === undefined ? undefined : parseAuthority(authority);
  if (scheme === undefined || host === undefined) return 400;
  // A connection without TLS cannot answer for an https URI (RFC 9110 section 7.4).
  if (scheme.length > "http".length) return 421;
  return { method, target: rest.startsWith("/") ? rest : `/${rest}`, host, isOld };
}

/** Without optional whitespace, of which `trim()` would take more. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  const isSpace = (index: number) => text[index] === " " || text[index] === "\t";
  while (start < end && isSpace(start)) start++;
  while (end > start && isSpace(end - 1)) end--;
  return text.slice(start, end);
}

type Headers = Record<string, string>;

/**
 * Reads header lines. Whitespace before the colon, a folded line and controls are refused (RFC 9112 sections 5.1
 * and 5.2, RFC 9110 section 5.5), and so is more than one `Host` (RFC 9112 section 3.2).
 */
function parseHeaders(lines: readonly string[]): Headers | undefined {
  const headers: Headers = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (!HEADER_NAME.test(name) || CONTROL.test(line)) return undefined;
    if (name === "host" && name in headers) return undefined;
    const value = trimmed(line.slice(colon + 1));
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

/** Optional whitespace around the elements of a list does not belong to them (RFC 9110 section 5.6.1). */
function elements(list: string): string[] {
  return list.split(",").map(trimmed);
}

/** Why it cannot be known where a body ends (RFC 9112 sections 6.1 and 6.3). */
function framingProblem(
  { "content-length": length, "transfer-encoding": coding }: Headers,
): HeadRefusal | undefined {
  if (length !== undefined) {
    const [first = "", ...more] = elements(length);
    if (coding !== undefined || !LENGTH.test(first) || more.some((value) => value !== first)) return 400;
  }
  if (coding === undefined) return undefined;
  const codings = elements(coding.toLowerCase());
  if (codings.at(-1) !== "chunked") return 400;
  return codings.length === 1 ? undefined : 501;
}

function wantsClose(connection = ""): boolean {
  return elements(connection.toLowerCase()).includes("close");
}

/**
 * Reads a head.
 *
 * @param text with the empty line at its end
 * @returns the status to answer with if it is none
 *
 * @example A scrape
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const head = parseHead("GET /recorder?last=5m HTTP/1.1\r\nHost: localhost:9090\r\n\r\n");
 * assert(typeof head === "object");
 * assert.deepEqual([head.path, head.query, head.host], ["/recorder", "last=5m", "localhost"]);
 * ```
 */
export function parseHead(text: string): RequestHead | HeadRefusal {
  const ends = text.split("\n").slice(0, -1);
  const [first = "", ...lines] = ends.map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
  const request = parseRequestLine(first);
  if (typeof request === "number") return request;
  const headers = parseHeaders(lines.slice(0, -1));
  if (headers === undefined) return 400;
  const problem = framingProblem(headers);
  if (problem !== undefined) return problem;
  const named = headers["host"];
  if (named === undefined && !request.isOld) return 400;
  const host = named === undefined || named === "" ? named : parseAuthority(named);
  if (host === undefined && named !== undefined) return 400;
  const [path = "", ...query] = request.target.split("?");
  return {
    method: request.method,
    path,
    query: query.join("?"),
    // The target's host goes before that of the header (RFC 9112 section 3.2.2).
    host: request.host ?? host,
    headers,
    takesChunks: !request.isOld,
    // Others may not take a lone LF for the end of a line, and see one request where two are seen here: none
    // after it is answered.
    keepsAlive: !request.isOld && !wantsClose(headers["connection"]) &&
      BODY_HEADERS.every((name) => headers[name] === undefined) && ends.every((line) => line.endsWith("\r")),
  };
}

/** Why what has come can never become a head, so that no one waits for its end. */
function hopelessness(text: string, most: number): HeadRefusal | undefined {
  const end = text.indexOf("\n");
  if (end < 0 && !START.test(text) || NEVER.test(text)) return 400;
  if (end >= 0) {
    const line = parseRequestLine(text.slice(0, text[end - 1] === "\r" ? end - 1 : end));
    if (typeof line === "number") return line;
  }
  if (text.length < most) return undefined;
  return end < 0 ? 414 : 431;
}

/**
 * Takes a head from what has come, of which a byte is a character. Some empty lines before it count for nothing.
 *
 * @param most bytes that a head may have
 * @returns undefined if there is more to come
 */
export function readHead(received: string, most: number): HeadReading | undefined {
  const text = received.replace(EMPTY_LINES, "");
  if (text === "" || text === "\r") return undefined;
  const end = END_OF_HEAD.exec(text);
  const length = end === null ? Infinity : end.index + end[0].length;
  if (length <= most) {
    const head = parseHead(text.slice(0, length));
    return typeof head === "number" ? { refusal: head } : { head, rest: text.slice(length) };
  }
  const refusal = hopelessness(text, most);
  return refusal === undefined ? undefined : { refusal };
}
