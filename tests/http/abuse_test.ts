/** `ktm run` with an HTTP server that many strangers reach. */
import assert from "node:assert/strict";
import { type Agent, startAgent } from "../support/agent.ts";
import { excuse } from "../support/excuses.ts";
import { valueOf } from "../support/exposition.ts";
import { openFiles } from "../support/kernel/process_figures.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";
import { until } from "../support/until.ts";
import { connectTo, dribble, statusOf } from "./raw_http.ts";

/** What {@linkcode startAgent} asks for. */
const INTERVAL_MS = 100;

const CONNECTIONS = 500;
const ABUSE_MS = 5000;

/** A virtual machine may stand still once for the time of a collection, and that is no fault of the agent. */
const EXCUSED = 1;

/** One less than what would cost a collection more its time. */
const LATENESS_LIMIT_MS = (1 + EXCUSED) * INTERVAL_MS - 1;

const request = (line: string, more = "") =>
  `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n`;

/** What is asked, and the status that it deserves of an agent that waits for its target. */
const QUESTIONS: readonly (readonly [text: string, status: number])[] = [
  ...Object.entries({
    "/metrics": 200,
    "/healthz": 200,
    "/readyz": 503,
    "/recorder": 200,
    "/recorder?last=1s": 200,
  })
    .flatMap(([path, status]) =>
      [[request(`GET ${path}`), status], [request(`HEAD ${path}`), status], [
        request(`POST ${path}`),
        405,
      ]] as const
    ),
  ...[
    "/",
    "/metrics/",
    "//metrics",
    "/METRICS",
    "/metrics%00",
    "/toString",
    "/debug/pprof",
    "/json",
  ]
    .map((path) => [request(`GET ${path}`), 404] as const),
  ...["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
    .map((method) => [request(`${method} /metrics`), 405] as const),
  [request("POST /metrics", "Content-Length: 1000000000\r\n"), 405],
  [request("GET /recorder?last=soon"), 400],
  [request("OPTIONS *"), 405],
  [request("PROPFIND /metrics"), 501],
  [request("CONNECT localhost:1"), 501],
  [request("GET http://localhost/metrics"), 200],
  [request("GET https://localhost/metrics"), 421],
  ["GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n", 200],
  ["GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400],
  ["GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421],
  [request("GET /metrics", "X: \0\r\n"), 400],
  [request("GET /metrics", "X: \x80\xff\r\n"), 200],
  [request("GET /metrics", "Sec-Fetch-Site: cross-site\r\n"), 403],
  ["GET /metrics HTTP/1.1\r\n\r\n", 400],
  ["GET /metrics HTTP/2.0\r\nHost: localhost\r\n\r\n", 505],
  ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ["\x16\x03\x01\x02\0\x01\0", 400],
  [request("GET /metrics", `X: ${"x".repeat(10_000)}\r\n`), 431],
  [`GET /${"x".repeat(100_000)}`, 414],
];

const DRIBBLED = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: and so on and on\r\n";

/** The times at which the agent collected, as its Flight Recorder has them. */
async function collectionTimes(agent: Agent, fromMs: number, toMs: number): Promise<number[]> {
  const { status, text } = await agent.get(`/recorder?from=${fromMs}&to=${toMs}`);
  assert.equal(status, 200, text);
  return JSON.parse(text).sources.find(({ source }: { source: string }) => source === "ktm").timesMs;
}

/** By how much the latest collection was later than the rhythm of the others asks for. */
function greatestLateness(timesMs: readonly number[]): number {
  const early = Math.min(...timesMs.map((time, index) => time - index * INTERVAL_MS));
  return Math.max(...timesMs.map((time, index) => time - index * INTERVAL_MS - early));
}

/** Does something over and over until the signal is aborted, and counts how often it gave a result. */
async function again(signal: AbortSignal, action: () => Promise<unknown>): Promise<number> {
  let count = 0;
  while (!signal.aborted) if (await action() !== undefined) count++;
  return count;
}

async function abuse(agent: Agent): Promise<number> {
  const { address } = agent;
  const signal = AbortSignal.timeout(ABUSE_MS);
  // Somebody who asks for much and reads nothing.
  using _deaf = await connectTo(address);
  await _deaf.write(new TextEncoder().encode(request("GET /recorder?from=0").repeat(10)));
  const slow = Array.from(
    { length: CONNECTIONS },
    () => again(signal, async () => await dribble(address, DRIBBLED, 200, signal)),
  );
  const wild = Array.from(
    { length: 8 },
    (_, index) => again(signal, () => statusOf(address, QUESTIONS[(index * 5) % QUESTIONS.length]![0])),
  );
  const scrapes = Array.from(
    { length: 16 },
    () => again(signal, () => statusOf(address, request("GET /metrics"))),
  );
  await Promise.all([...slow, ...wild]);
  return (await Promise.all(scrapes)).reduce((sum, count) => sum + count, 0);
}

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash", "chrt"],
    "run collects on time while 500 connections abuse its server",
    async () => {
      await using stage = new Stage();
      // What else the machine does is no fault of the agent.
      await using agent = await startAgent(["--comm-prefix", stage.prefix], ["chrt", "--rr", "1"]);
      const reader = new Reader(stage, stage.prefix, stage.cgroup);
      await agent.child.said(/Watching the target mode=full/);
      await reader.read(1);
      const before = await agent.value("ktm_collections_total");
      const files = openFiles(agent.child.pid);

      const [fromMs, from] = [Date.now(), performance.now()];
      const scrapes = await abuse(agent);
      const toMs = Date.now();
      const room = Math.floor((performance.now() - from) / INTERVAL_MS);

      const after = valueOf((await agent.get("/metrics")).text, "ktm_collections_total");
      const timesMs = await collectionTimes(agent, fromMs, toMs);
      const lateness = greatestLateness(timesMs);
      excuse("late collections", Math.floor(lateness / INTERVAL_MS), `at most ${lateness} ms`);
      console.log(`${timesMs.length} collections, at most ${lateness} ms late; ${scrapes} scrapes answered`);
      assert.ok(
        timesMs.length >= room - 1 - EXCUSED,
        `${timesMs.length} collections where there was room for ${room}`,
      );
      assert.ok(after! - before! >= room - EXCUSED, `ktm_collections_total: ${before}, then ${after}`);
      assert.ok(lateness <= LATENESS_LIMIT_MS, `${lateness} ms late`);
      assert.ok(scrapes > 0, "no scrape was answered");
      await until("end of every connection", () => openFiles(agent.child.pid) <= files);
      assert.doesNotMatch(agent.child.stderr, / ERROR /);
    },
  ),
);

Deno.test(needs([...LIVE_KERNEL], "run answers nothing but what it documents", async () => {
  await using agent = await startAgent(["--comm-prefix", "nobody"]);
  for (const [text, status] of QUESTIONS) {
    assert.equal(await statusOf(agent.address, text), status, JSON.stringify(text.slice(0, 80)));
  }
}));
