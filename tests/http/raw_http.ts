/** HTTP as somebody speaks it who does not keep to its rules. @module */
import { DEADLINE_MS, within } from "../support/until.ts";

const encoder = new TextEncoder();

/** Characters of an answer that hold its status. */
const START = 16;

async function send(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = encoder.encode(text);
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

/** Opens a connection to where a URL points. */
export function connectTo(address: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(address);
  return Deno.connect({ hostname, port: Number(port) });
}

/**
 * Sends text on a connection of its own, and reads until the other side closes it.
 *
 * @returns the status of the answer; undefined if there is none
 */
export async function statusOf(address: string, text: string): Promise<number | undefined> {
  return await within(`answer to ${JSON.stringify(text.slice(0, 80))}`, DEADLINE_MS, statusOn(address, text));
}

async function statusOn(address: string, text: string): Promise<number | undefined> {
  using conn = await connectTo(address);
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(65_536);
  let start = "";
  try {
    await send(conn, text);
    for (let count = await conn.read(chunk); count !== null; count = await conn.read(chunk)) {
      if (start.length < START) {
        start += decoder.decode(chunk.subarray(0, count), { stream: true }).slice(0, START);
      }
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1];
  return status === undefined ? undefined : Number(status);
}

/** Sends a text byte by byte, with a rest after each, until the other side has enough or a signal is aborted. */
export async function dribble(
  address: string,
  text: string,
  restMs: number,
  signal: AbortSignal,
): Promise<void> {
  using conn = await connectTo(address);
  try {
    for (let index = 0; !signal.aborted; index = (index + 1) % text.length) {
      await send(conn, text[index]!);
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;
}
