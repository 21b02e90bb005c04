/** The head of an HTTP/1.1 request (RFC 9112). Pure. @module */

/** What is understood of a request. */
export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether another request may follow on the connection. */
  readonly keepsAlive: boolean;
  /** Whether the answer may come in chunks, its length not being known before its end. */
  readonly takesChunks: boolean;
}

const REQUEST_LINE = /^(?<method>[A-Z]+) (?<target>\/[\x21-\x7e]*) HTTP\/1\.(?<minor>[01])$/;
const HEADER = /^(?<name>[!#$%&'*+.^_`|~\w-]+):[ \t]*(?<value>.*?)[ \t]*$/;

/** Bodies are not read; what comes behind the head of such a request is no request. */
const BODY_HEADERS = ["content-length", "transfer-encoding"];

/**
 * Reads a head.
 *
 * @param text without the empty line at its end
 * @returns undefined if it is none
 *
 * @example A scrape
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const head = parseHead("GET /metrics HTTP/1.1\r\nHost: localhost");
 * assert.deepEqual([head?.method, head?.target, head?.keepsAlive], ["GET", "/metrics", true]);
 * ```
 */
export function parseHead(text: string): RequestHead | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const request = REQUEST_LINE.exec(first)?.groups;
  if (request === undefined) return undefined;
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const header = HEADER.exec(line)?.groups;
    if (header === undefined) return undefined;
    const name = header["name"]!.toLowerCase();
    headers[name] = name in headers ? `${headers[name]}, ${header["value"]}` : header["value"]!;
  }
  if (request["minor"] === "1" && headers["host"] === undefined) return undefined;
  const connection = (headers["connection"] ?? "").toLowerCase();
  return {
    method: request["method"]!,
    target: request["target"]!,
    headers,
    takesChunks: request["minor"] === "1",
    keepsAlive: request["minor"] === "1" && !connection.includes("close") &&
      BODY_HEADERS.every((name) => headers[name] === undefined),
  };
}
