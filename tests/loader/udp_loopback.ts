/**
 * Datagrams over the loopback interface whose number is known.
 *
 * As a program of its own, for cgroups: sends as many as its argument says, then tries to connect, and prints as JSON
 * what came of it.
 *
 * @module
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

async function bound(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

/** Sends so many datagrams, each after the one before it has come. */
export async function sendOverLoopback(count: number): Promise<void> {
  const [sender, receiver] = [await bound(), await bound()];
  for (let sent = 0; sent < count; sent++) {
    const arrival = once(receiver, "message");
    sender.send("datagram", receiver.address().port, "127.0.0.1");
    await arrival;
  }
  sender.close();
  receiver.close();
}

/** The error with which something fails. */
async function errorOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "none";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** What the program prints. */
export interface LoopbackReport {
  /** The error with which a port cannot be used. */
  readonly bind: string;
  /** The error with which a TCP connection to a port that nobody listens on is refused. */
  readonly connect: string;
}

if (import.meta.main) {
  const bind = await errorOf(() => sendOverLoopback(Number(Deno.args[0])));
  const connect = await errorOf(() => Deno.connect({ hostname: "127.0.0.1", port: 1 }));
  console.log(JSON.stringify({ bind, connect } satisfies LoopbackReport));
}
