/** What a client can make the HTTP server hold: bytes, connections and time. @module */
import { openFileLimit } from "../../syscall/mod.ts";

/** What a server lets happen. */
export interface HttpLimits {
  /** Connections at a time; for one more, the one that has been silent for longest is closed. */
  readonly connections: number;
  /** Bytes of a request's head. */
  readonly headBytes: number;
  /** Bytes of all answers that have not been sent; beyond them the answer is 503. */
  readonly answerBytes: number;
  /** Milliseconds that a connection may be silent between two requests, and before the first. */
  readonly idleMs: number;
  /** Milliseconds from the first byte of a head to its last. */
  readonly headMs: number;
  /** Milliseconds for which an answer may wait for the other side to take more of it. */
  readonly stallMs: number;
  /** Milliseconds after which an answer has to have been taken at the slowest rate. */
  readonly graceMs: number;
  /** Bytes a second, on average: a trickle does not hold an answer for ever. */
  readonly slowestRate: number;
  /** Milliseconds for the other side to end a connection after its last answer. */
  readonly lingerMs: number;
}

/**
 * A Prometheus server or a kubelet keeps a connection between two questions, which are a minute apart or less.
 *
 * Answers: deploy/kubernetes gives the agent 128 MiB, of which it takes some 60, and its history 13. One incident's
 * window has at most 4 MiB, which all its readers share. What the kernel holds comes on top: 64 connections with
 * at most {@linkcode SEND_BUFFER_BYTES} and {@linkcode RECEIVE_BUFFER_BYTES}, which it doubles, are 16 MiB.
 */
export const HTTP_LIMITS: HttpLimits = {
  connections: 64,
  headBytes: 8192,
  answerBytes: 8 << 20,
  idleMs: 300_000,
  headMs: 10_000,
  stallMs: 5000,
  graceMs: 30_000,
  slowestRate: 4096,
  lingerMs: 1000,
};

/** Room in the kernel for what a connection has not taken. By itself the kernel would make it 4 MiB. */
export const SEND_BUFFER_BYTES = 96 << 10;

/** Room in the kernel for what a connection sends while nothing of it is read. */
export const RECEIVE_BUFFER_BYTES = 32 << 10;

/** What a streamed answer holds: a piece of text, and room for three bytes for each of its characters. */
export const STREAM_BYTES = 512 << 10;

/** Descriptors are for the agent's own work first: connections get a quarter of them. */
export function connectionLimit(): number {
  return Math.max(1, Math.min(HTTP_LIMITS.connections, Math.floor(openFileLimit() / 4)));
}
