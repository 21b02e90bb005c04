/** Those who do an agent no good, each on its own account until the round is over. @module */
import { connectTo, dribble } from "../http/raw_http.ts";
import { Child, output } from "../support/child.ts";
import type { World } from "./world.ts";

/** What one of them does. */
export interface Actor {
  readonly name: string;
  /** @returns how many times it has done it */
  readonly act: (world: World, signal: AbortSignal) => Promise<number>;
}

/** Waits for a time, or for the end of the round. */
function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}

/** Does something over and over, with a rest after each. */
async function again(signal: AbortSignal, restMs: number, deed: () => unknown): Promise<number> {
  let count = 0;
  for (; !signal.aborted; count++) {
    await deed();
    await rest(restMs, signal);
  }
  return count;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

const request = (line: string, more = "") => `${line} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;

/** Connections that ask and do not read: one fewer than the server takes from all clients. */
const DEAF_CONNECTIONS = 63;
const QUESTIONS_OF_EACH = 10;
const DEAF_PATHS = ["/incidents/1", "/recorder?last=15m", "/metrics"];

/** A connection that asks much, and reads nothing for a while. */
async function beDeaf(address: string, path: string, signal: AbortSignal): Promise<void> {
  try {
    using conn = await connectTo(address);
    await conn.write(new TextEncoder().encode(request(`GET ${path}`).repeat(QUESTIONS_OF_EACH)));
    await rest(5000, signal);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** A connection that reads a byte at a time. */
async function readSlowly(address: string, signal: AbortSignal): Promise<void> {
  try {
    using conn = await connectTo(address);
    await conn.write(new TextEncoder().encode(request("GET /recorder?last=15m")));
    const byte = new Uint8Array(1);
    while (!signal.aborted && await conn.read(byte) !== null) await rest(100, signal);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** Whether the server has had enough of a connection. */
function isRefusal(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionRefused;
}

/** What no client should send. */
const GARBAGE = [
  request("GET /metrics", "X: \0\r\nConnection: close\r\n"),
  request("GET /metrics", "X: \x80\x9f\r\nConnection: close\r\n"),
  request("GET /metrics", `X: ${"x".repeat(10_000)}\r\n`),
  "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
  "GET /metrics HTTP/1.1\nHost: x\n\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  `GET /${"x".repeat(100_000)}`,
];

/** Sends a text, and waits for an answer, or a while: a hello and a line that does not end have none. */
async function sendGarbage(address: string, text: string, signal: AbortSignal): Promise<void> {
  try {
    using conn = await connectTo(address);
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
    const answer = conn.read(new Uint8Array(1024)).catch(() => null);
    await Promise.race([answer, rest(300, signal)]);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** Each stands for ten thousand of the one before. */
const ALIAS_BOMB = ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
  .concat(Array.from("bcdefghij", (name, index) => {
    const former = "abcdefghij"[index];
    return `${name}: &${name} [${Array(10).fill(`*${former}`).join(",")}]`;
  })).join("\n");

/** Files that are no configuration, by how they come to be in its place. */
const FALSE_CONFIGS: readonly ((path: string) => Promise<void>)[] = [
  async (path) => void await new Deno.Command("mkfifo", { args: [path] }).output(),
  (path) => Deno.symlink("/dev/zero", path),
  (path) => Deno.writeTextFile(path, ALIAS_BOMB),
  (path) => Deno.mkdir(path),
  (path) => Deno.writeTextFile(path, "x".repeat(8 << 20)),
];

async function reloadWith({ reload, config }: World, make: (path: string) => Promise<void>): Promise<void> {
  await Deno.remove(config, { recursive: true });
  await make(config);
  reload();
}

/** Sends every signal to every thread, and says of each whether it may. */
const SIGNALS = `
for round in 1 2 3 4 5 6 7 8 9 10; do
  for task in /proc/$0/task/*; do
    for signal in USR1 USR2 HUP STOP QUIT PROF TERM KILL; do
      kill -$signal \${task##*/} 2>/dev/null && echo "$signal reached thread \${task##*/}"
    done
  done
done`;

async function signalAsNobody({ agent }: World): Promise<void> {
  const nobody = [
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "sh",
    "-c",
    SIGNALS,
    `${agent.child.pid}`,
  ];
  await using child = new Child("setpriv", { args: nobody });
  const { stdout } = await child.outcome();
  if (stdout !== "") throw new Error(`Cannot go on: a foreign user's signal ${stdout}`);
}

/** As systemd does; and fewer than an agent has open, so that it can open nothing. */
export const DESCRIPTORS = 1024;
const NO_MORE_DESCRIPTORS = 10;

async function limitDescriptors(pid: number, count: number): Promise<void> {
  // The agent may have ended: that is the end of the round.
  await output("prlimit", `--pid=${pid}`, `--nofile=${count}:`);
}

/** All of them. */
export const ACTORS: readonly Actor[] = [
  {
    name: "log reader that stops",
    act: ({ log }, signal) =>
      again(signal, 1000, async () => {
        log.pause();
        await rest(5000, signal);
        // At the end of the round it stays as it is: the agent has to end all the same.
        if (!signal.aborted) log.resume();
      }),
  },
  {
    name: "false configurations",
    act: async (world, signal) => {
      let count = 0;
      // Each has a line in the log: in the time that nobody reads it, many times what the pipe holds.
      return await again(signal, 50, async () => {
        await reloadWith(world, FALSE_CONFIGS[count++ % FALSE_CONFIGS.length]!);
        await rest(50, signal);
        await reloadWith(world, (path) => Deno.writeTextFile(path, world.goodConfig));
      });
    },
  },
  {
    name: "connections that do not read",
    act: async ({ agent: { address } }, signal) => {
      const counts = Array.from(
        { length: DEAF_CONNECTIONS },
        (_, index) => again(signal, 0, () => beDeaf(address, DEAF_PATHS[index % DEAF_PATHS.length]!, signal)),
      );
      return sum(await Promise.all(counts));
    },
  },
  {
    name: "slow readers",
    act: async ({ agent: { address } }, signal) => {
      const counts = Array.from({ length: 4 }, () => again(signal, 100, () => readSlowly(address, signal)));
      return sum(await Promise.all(counts));
    },
  },
  {
    name: "slow writers",
    act: async ({ agent: { address } }, signal) => {
      const text = request("GET /metrics", "X-Slow: and so on and on\r\n");
      const counts = Array.from({ length: 20 }, () =>
        again(signal, 100, async () => {
          try {
            await dribble(address, text, 200, signal);
          } catch (error) {
            if (!isRefusal(error)) throw error;
          }
        }));
      return sum(await Promise.all(counts));
    },
  },
  {
    name: "garbage",
    act: async ({ agent: { address } }, signal) => {
      const counts = GARBAGE.map((text) => again(signal, 5, () => sendGarbage(address, text, signal)));
      return sum(await Promise.all(counts));
    },
  },
  {
    name: "deaths of the target",
    act: async ({ startTarget }, signal) => {
      let target = startTarget();
      return await again(signal, 2000, async () => {
        target.kill("SIGKILL");
        await target.outcome();
        target = startTarget();
      });
    },
  },
  {
    name: "descriptors that run out",
    act: ({ agent }, signal) =>
      again(signal, 2000, async () => {
        await limitDescriptors(agent.child.pid, NO_MORE_DESCRIPTORS);
        await rest(1000, signal);
        await limitDescriptors(agent.child.pid, DESCRIPTORS);
      }),
  },
  {
    name: "signals of a foreign user",
    act: (world, signal) => again(signal, 1000, () => signalAsNobody(world)),
  },
];
