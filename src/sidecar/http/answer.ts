/** Answers, and their bytes as HTTP/1.1 sends them (RFC 9112). @module */
import { visibleJson } from "../../metrics/mod.ts";
import type { RequestHead } from "./head.ts";

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  414: "URI Too Long",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

/**
 * In every answer. No other site's page may have it as a script, an image or a frame; there is no
 * `access-control-allow-origin`, so that none reads it either.
 */
const ALWAYS = ["x-content-type-options: nosniff", "cross-origin-resource-policy: same-origin"];

const LINE_END = "\r\n";

/** A body of so few bytes is sent with its head, in one packet if that has room. */
const JOINED_BYTES = 16 << 10;

const encoder = new TextEncoder();

/** Header fields by their names in lower case. */
export type Fields = Readonly<Record<string, string>>;

/** An answer, whose bytes may be shared with others, or made while they are sent. */
export interface HttpAnswer {
  readonly status: number;
  readonly fields: Fields;
  /** A piece is good until the next one is asked for; `return()` is called where not all of it is wanted. */
  readonly body: Uint8Array | AsyncIterableIterator<Uint8Array>;
}

/** What an answer of text may have. */
export interface TextAnswerOptions {
  readonly status?: number;
  readonly fields?: Fields;
}

/** An answer with a text, for people unless its fields say another `content-type`. */
export function textAnswer(text: string, { status = 200, fields = {} }: TextAnswerOptions = {}): HttpAnswer {
  const body = encoder.encode(text);
  return { status, fields: { "content-type": "text/plain; charset=utf-8", ...fields }, body };
}

/** An answer with a value as JSON. */
export function jsonAnswer(
  value: unknown,
  { status = 200, fields = {} }: TextAnswerOptions = {},
): HttpAnswer {
  const type = { "content-type": "application/json" };
  return textAnswer(visibleJson(JSON.stringify(value)), { status, fields: { ...fields, ...type } });
}

/** An answer that says no more than its status. */
export function refusal(status: number, fields: Fields = {}): HttpAnswer {
  return textAnswer(`${REASONS[status]}\n`, { status, fields });
}

/** What the form of an answer depends on. */
export type AnswerForm = Pick<RequestHead, "method" | "keepsAlive" | "takesChunks">;

/** How to answer what is no request. */
export const UNKNOWN_FORM: AnswerForm = { method: "GET", keepsAlive: false, takesChunks: true };

function head({ status, fields }: HttpAnswer, framing: readonly string[], keepsAlive: boolean): Uint8Array {
  return encoder.encode([
    `HTTP/1.1 ${status} ${REASONS[status] ?? "Unknown"}`,
    ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
    ...framing,
    ...ALWAYS,
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

/** The pieces of a body in the chunked transfer coding (RFC 9112 section 7.1), without a copy of them. */
async function* chunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let end = "";
  for await (const piece of body) {
    yield encoder.encode(`${end}${piece.length.toString(16)}${LINE_END}`);
    yield piece;
    end = LINE_END;
  }
  yield encoder.encode(`${end}0${LINE_END}${LINE_END}`);
}

async function* streamedBytes(
  answer: HttpAnswer,
  body: AsyncIterableIterator<Uint8Array>,
  { method, keepsAlive, takesChunks }: AnswerForm,
): AsyncGenerator<Uint8Array> {
  try {
    yield head(answer, takesChunks ? ["transfer-encoding: chunked"] : [], keepsAlive && takesChunks);
    if (method === "HEAD") return;
    yield* takesChunks ? chunks(body) : body;
  } finally {
    // Of no consequence where all of it has been read.
    await body.return?.();
  }
}

/**
 * Gives the bytes of an answer: its head, then its body, which is not copied if it is large, or in pieces that are made no faster
 * than they are taken.
 *
 * @param form who asks; one who does not take chunks reads until the connection is closed
 */
export async function* answerBytes(answer: HttpAnswer, form: AnswerForm): AsyncGenerator<Uint8Array> {
  const { body } = answer;
  if (!(body instanceof Uint8Array)) return yield* streamedBytes(answer, body, form);
  const start = head(answer, [`content-length: ${body.length}`], form.keepsAlive);
  if (form.method === "HEAD") return yield start;
  if (body.length <= JOINED_BYTES) return yield joined(start, body);
  yield start;
  yield body;
}
