/** The bytes of an HTTP/1.1 answer (RFC 9112). @module */
import type { RequestHead } from "./http_head.ts";

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const LINE_END = "\r\n";

const encoder = new TextEncoder();

/** What the form of an answer depends on. */
export type AnswerForm = Pick<RequestHead, "method" | "keepsAlive" | "takesChunks">;

/** An answer that says no more than its status. */
export function refusal(status: number): Response {
  return new Response(`${REASONS[status]}\n`, { status });
}

function head(response: Response, lines: readonly string[], keepsAlive: boolean): Uint8Array {
  return encoder.encode([
    `HTTP/1.1 ${response.status} ${REASONS[response.status] ?? "Unknown"}`,
    ...[...response.headers].map(([name, value]) => `${name}: ${value}`),
    ...lines,
    `date: ${new Date().toUTCString()}`,
    `connection: ${keepsAlive ? "keep-alive" : "close"}`,
    LINE_END,
  ].join(LINE_END));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

function chunk(piece: Uint8Array): Uint8Array {
  return joined(encoder.encode(piece.length.toString(16) + LINE_END), piece, encoder.encode(LINE_END));
}

async function* streamedBytes(
  response: Response,
  body: ReadableStream<Uint8Array>,
  { method, keepsAlive, takesChunks }: AnswerForm,
): AsyncGenerator<Uint8Array> {
  try {
    if (!takesChunks) response.headers.delete("transfer-encoding");
    yield head(response, [], keepsAlive);
    if (method === "HEAD") return;
    for await (const piece of body) yield takesChunks ? chunk(piece) : piece;
    if (takesChunks) yield chunk(new Uint8Array());
  } finally {
    // Of no consequence where all of it has been read.
    await body.cancel();
  }
}

/**
 * Gives the bytes of an answer, in one piece unless its header says `transfer-encoding: chunked`: then as its body
 * gives them, which is made no faster than they are taken.
 *
 * @param form who asks; one who does not take chunks reads until the connection is closed
 */
export async function* answerBytes(response: Response, form: AnswerForm): AsyncGenerator<Uint8Array> {
  if (response.body !== null && response.headers.has("transfer-encoding")) {
    return yield* streamedBytes(response, response.body, form);
  }
  const bytes = await response.bytes();
  const start = head(response, [`content-length: ${bytes.length}`], form.keepsAlive);
  yield form.method === "HEAD" ? start : joined(start, bytes);
}
