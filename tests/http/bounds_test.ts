/** What clients can make the HTTP server hold: memory, descriptors, its turn, lines of the log. */
// Runs beside others.
import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { HTTP_LIMITS, SEND_BUFFER_BYTES } from "../../src/sidecar/http/limits.ts";
import { serve } from "../../src/sidecar/http/serve.ts";
import { divertLog, endLog, replaceLogOutput } from "../../src/sidecar/log/log.ts";
import { processId } from "../../src/syscall/mod.ts";
import { type Child, output } from "../support/child.ts";
import { limitMemory } from "../support/kernel/memory_limit.ts";
import { openFiles } from "../support/kernel/process_figures.ts";
import { ROOT } from "../support/ktm.ts";
import { needs } from "../support/needs.ts";
import { PROGRAMS, Stage } from "../support/stage.ts";
import { DEADLINE_MS, until, within } from "../support/until.ts";
import { connectTo, statusOf } from "./raw_http.ts";
import { standHost } from "./stand.ts";

// Tests that watch resources would see the libraries that the server opens.
processId();

const MIB = 1 << 20;

/** `limits.memory` of the sidecar in deploy/kubernetes. */
const MANIFEST_LIMIT = 128 * MIB;

/** What is left for the agent's history and its other work. */
const FREE_AT_LEAST = 32 * MIB;

const DEAF = 63;

/** Clients that read, and what each of them reads: together 180 MiB. */
const GREEDY = 60;
const GREEDY_BYTES = 3 << 20;

const PIPELINED = 10;

const LOOPBACK = { hostname: "127.0.0.1", port: 0 } as const;

const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const lastRequest = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;

/** Starts the server as a program with the engine's flags of the agent. */
async function startStand(stage: Stage, before: string): Promise<{ child: Child; address: string }> {
  const flags = manifest.tasks.ktm.command.split(" ").filter((word) => word.startsWith("--v8-flags"));
  const program = new URL("tests/http/stand_program.ts", ROOT).pathname;
  const config = new URL("deno.json", ROOT).pathname;
  const command = [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-check",
    "--config",
    config,
    ...flags,
    "-A",
    program,
  ];
  const args = ["-c", `${before} && exec "$0" "$@"`, ...command];
  const child = stage.start(PROGRAMS.shell, args, stage.cgroup, { env: { NO_COLOR: "1" } });
  const [, address] = await child.said(/Listening address=(\S+)/);
  return { child, address: address! };
}

/** A connection that asks and reads only the first byte of the first answer. */
async function deafClient(address: string, text: string): Promise<Deno.TcpConn> {
  const conn = await connectTo(address);
  await conn.write(new TextEncoder().encode(text));
  await within("first byte", DEADLINE_MS, conn.read(new Uint8Array(1)));
  return conn;
}

/** A figure of /proc/<pid>/status in bytes. */
function memoryOf(pid: number, name: "VmHWM" | "VmRSS"): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/status`);
  return 1024 * Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(text)?.[1]);
}

/** Bytes that the kernel holds for the connections of a port, sent and received, with its own overhead. */
async function socketBytes(port: string): Promise<number> {
  const { stdout } = await output("ss", "-tmnH", "sport", "=", port);
  const counts = stdout.matchAll(/skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f(\d+),w(\d+),/g);
  return [...counts].reduce((sum, [, r, f, w]) => sum + Number(r) + Number(f) + Number(w), 0);
}

Deno.test(needs(
  ["root", "cgroup2", "bash", "ip"],
  "63 clients that ask for a window ten times and read nothing leave the agent room in the manifest's memory",
  async () => {
    await using stage = new Stage();
    await using limit = limitMemory(stage, MANIFEST_LIMIT);
    assert.ok(limit, "no memory controller is mounted");
    await using undo = new AsyncDisposableStack();
    const { child, address } = await startStand(stage, `echo 0 > ${limit.procs}`);
    undo.use(child);
    const text = request("/incidents/1").repeat(PIPELINED);
    const clients = await Promise.all(Array.from({ length: DEAF }, () => deafClient(address, text)));
    undo.defer(() => clients.forEach((client) => client.close()));
    const { port } = new URL(address);
    const inKernel = await until("full sockets", async () => {
      const bytes = await socketBytes(port);
      return bytes > DEAF * SEND_BUFFER_BYTES && bytes;
    });
    for (let index = 0; index < PIPELINED; index++) {
      assert.equal(await statusOf(address, lastRequest("/metrics")), 200);
      assert.equal(await statusOf(address, lastRequest("/incidents/1")), 200);
    }
    const peak = memoryOf(child.pid, "VmHWM");
    console.log(
      `resident ${(peak / MIB).toFixed(1)} MiB at most, in the kernel ${(inKernel / MIB).toFixed(1)} MiB`,
    );
    assert.ok(peak + inKernel + FREE_AT_LEAST < MANIFEST_LIMIT, `${peak} bytes, ${inKernel} in the kernel`);
  },
));

/** Reads the answers of a connection as they come, and asks again for as many, until there are enough bytes. */
async function greedyClient(address: string, bytes: number): Promise<void> {
  using conn = await connectTo(address);
  const text = new TextEncoder().encode(request("/metrics").repeat(100));
  const ask = async () => {
    for (;;) for (let sent = 0; sent < text.length;) sent += await conn.write(text.subarray(sent));
  };
  // Closing the connection ends it.
  ask().catch(() => {});
  const chunk = new Uint8Array(65_536);
  for (let count = 0; count < bytes;) {
    const more = await conn.read(chunk);
    assert.ok(more !== null, "the server has closed the connection, or is gone");
    count += more;
  }
}

Deno.test(needs(
  ["root", "cgroup2", "bash"],
  "clients that ask and read as fast as they can leave the agent room in the manifest's memory",
  async () => {
    await using stage = new Stage();
    await using limit = limitMemory(stage, MANIFEST_LIMIT);
    assert.ok(limit, "no memory controller is mounted");
    await using undo = new AsyncDisposableStack();
    const { child, address } = await startStand(stage, `echo 0 > ${limit.procs}`);
    undo.use(child);
    await Promise.all(Array.from({ length: GREEDY }, () => greedyClient(address, GREEDY_BYTES)));
    const peak = memoryOf(child.pid, "VmHWM");
    console.log(`resident ${(peak / MIB).toFixed(1)} MiB at most`);
    assert.ok(peak + FREE_AT_LEAST < MANIFEST_LIMIT, `${peak} bytes`);
  },
));

Deno.test("a client that takes nothing of /recorder is cut, and the next one gets its turn", async () => {
  using _quiet = divertLog(() => {});
  await using undo = new AsyncDisposableStack();
  const server = serve(standHost({ rows: 10_000 }), LOOPBACK, () => []);
  undo.defer(() => server.close());
  const address = `http://127.0.0.1:${server.address.port}`;
  const ask = () => statusOf(address, lastRequest("/recorder?from=0"));
  using _deaf = await deafClient(address, request("/recorder?from=0").repeat(PIPELINED));
  const start = performance.now();
  assert.equal(await ask(), 503);
  await until("turn", async () => await ask() === 200);
  const waited = performance.now() - start;
  assert.ok(waited < HTTP_LIMITS.stallMs + 3000, `${waited} ms`);
});

Deno.test("no client can make the log grow by more than ten lines, and one a minute", async () => {
  const lines: string[] = [];
  using _output = replaceLogOutput({
    dropped: 0,
    open: () => {},
    write: (line) => lines.push(line),
    end: () => Promise.resolve(),
  });
  await using undo = new AsyncDisposableStack();
  const onMetrics = () => {
    throw new Error("broken");
  };
  const server = serve(standHost({ onMetrics }), LOOPBACK, () => []);
  undo.defer(() => server.close());
  const address = `http://127.0.0.1:${server.address.port}`;
  const start = performance.now();
  for (let count = 0; count < 300; count++) {
    assert.equal(await statusOf(address, lastRequest("/metrics")), 500);
    assert.equal(await statusOf(address, "GET / HTTP/1.0\r\nX: \0\r\n\r\n"), 400);
  }
  const minutes = (performance.now() - start) / 60_000;
  const failures = lines.filter((line) => line.includes(" ERROR A request failed")).length;
  assert.match(lines[0]!, / INFO {2}Listening/);
  assert.equal(lines.length, 1 + failures);
  assert.ok(failures >= 10 && failures <= 10 + minutes, `${failures} lines in ${minutes} min`);
  await endLog();
  assert.match(lines.at(-1)!, / similar_lines_left_out=\d+$/);
});

Deno.test(needs(
  ["root", "cgroup2", "bash"],
  "an agent that may open few descriptors keeps most of them for itself, however many clients come",
  async () => {
    await using stage = new Stage();
    const { child, address } = await startStand(stage, "ulimit -n 64");
    const before = openFiles(child.pid);
    await using undo = new AsyncDisposableStack();
    const clients = await Promise.all(Array.from({ length: 100 }, () => connectTo(address)));
    undo.defer(() => clients.forEach((client) => client.close()));
    for (let count = 0; count < 20; count++) {
      assert.equal(await statusOf(address, lastRequest("/metrics")), 200);
    }
    const after = openFiles(child.pid);
    assert.ok(after <= before + 64 / 4, `${before} descriptors, then ${after}`);
    assert.doesNotMatch(child.stderr, /WARN|ERROR/);
  },
));

Deno.test(needs(
  ["root", "cgroup2", "bash"],
  "an agent without a free descriptor closes a silent connection for the next one, and says so a few times",
  async () => {
    await using stage = new Stage();
    const { child, address } = await startStand(stage, "ulimit -n 40");
    await using undo = new AsyncDisposableStack();
    const hog = await deafClient(address, request("/readyz"));
    undo.defer(() => hog.close());
    for (let count = 0; count < 3; count++) {
      const conn = await deafClient(address, request("/metrics"));
      undo.defer(() => conn.close());
    }
    assert.equal(await statusOf(address, lastRequest("/metrics")), 200);
    const said = [...child.stderr.matchAll(/ (?:WARN|ERROR) /g)].length;
    assert.ok(said >= 1 && said <= 10, child.stderr);
    assert.match(child.stderr, / WARN {2}Cannot accept a connection: /);
  },
));
