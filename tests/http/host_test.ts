/** Whose requests the HTTP server answers: DNS rebinding, with raw requests, a network and a real browser. */
// Runs beside others.
import assert from "node:assert/strict";
import { serve } from "../../src/sidecar/http/serve.ts";
import type { HttpServer } from "../../src/sidecar/http/server.ts";
import { divertLog } from "../../src/sidecar/log/log.ts";
import { processId } from "../../src/syscall/mod.ts";
import { startAgent } from "../support/agent.ts";
import { output } from "../support/child.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";
import { Neighbour } from "./network.ts";
import { statusOf } from "./raw_http.ts";
import { standHost } from "./stand.ts";

// Tests that watch resources would see the libraries that the server opens.
processId();

const ask = (...lines: readonly string[]) => [...lines, "Connection: close", "", ""].join("\r\n");

/** What a server has logged, and how often it was asked for metrics. */
interface Heard {
  readonly lines: string[];
  metrics: number;
}

/** Serves on an address until the stack is disposed. */
function serveOn(hostname: string, undo: AsyncDisposableStack): { server: HttpServer; heard: Heard } {
  const heard: Heard = { lines: [], metrics: 0 };
  undo.use(
    divertLog(({ level, message, properties: { address } }) =>
      heard.lines.push(`${level} ${message} ${address}`)
    ),
  );
  const host = standHost({ onMetrics: () => heard.metrics++ });
  const server = serve(host, { hostname, port: 0 }, () => ["ktm.example"]);
  undo.defer(() => server.close());
  return { server, heard };
}

Deno.test("over loopback only addresses and known names are hosts of the agent, over IPv4 and IPv6", async () => {
  await using undo = new AsyncDisposableStack();
  const { server } = serveOn("::", undo);
  const { port } = server.address;
  const hosts: readonly (readonly [host: string, status: number])[] = [
    ["evil.example", 421],
    [`evil.example:${port}`, 421],
    ["localhost.evil.example", 421],
    ["127.0.0.1.evil.example", 421],
    ["", 421],
    ["127.0.0.1", 200],
    [`127.0.0.1:${port}`, 200],
    [`[::1]:${port}`, 200],
    ["192.0.2.1", 200],
    ["localhost", 200],
    [`LOCALHOST.:${port}`, 200],
    [Deno.hostname(), 200],
    [`ktm.example:${port}`, 200],
    ["a b", 400],
    ["localhost:99999", 400],
  ];
  for (const address of [`http://127.0.0.1:${port}`, `http://[::1]:${port}`]) {
    for (const [host, status] of hosts) {
      assert.equal(await statusOf(address, ask("GET /metrics HTTP/1.1", `Host: ${host}`)), status, host);
    }
    const others: readonly (readonly [status: number, ...lines: string[]])[] = [
      [400, "GET /metrics HTTP/1.1", "Host: localhost", "Host: localhost"],
      [400, "GET /metrics HTTP/1.1"],
      [200, "GET /metrics HTTP/1.0"],
      [421, "GET /metrics HTTP/1.0", "Host: evil.example"],
      [200, `GET http://localhost:${port}/metrics HTTP/1.1`, "Host: evil.example"],
      [421, "GET http://evil.example/metrics HTTP/1.1", "Host: localhost"],
      [421, "OPTIONS /metrics HTTP/1.1", "Host: evil.example"],
    ];
    for (const [status, ...lines] of others) {
      assert.equal(await statusOf(address, ask(...lines)), status, lines.join());
    }
  }
});

Deno.test(needs(
  ["root", "ip", "bash"],
  "over the network the agent answers by the names of pods and services, and warns that it is reached",
  async () => {
    await using neighbour = await Neighbour.make();
    for (const [hostname, name] of [["0.0.0.0", "0.0.0.0"], ["::", "[::]"]] as const) {
      await using undo = new AsyncDisposableStack();
      const { server, heard } = serveOn(hostname, undo);
      const { port } = server.address;
      for (
        const host of ["banyandb.default.svc.cluster.local:9090", `${neighbour.address}:${port}`, "pod-1"]
      ) {
        const text = await neighbour.ask(port, ask("GET /metrics HTTP/1.1", `Host: ${host}`));
        assert.match(text, /^HTTP\/1\.1 200 OK\r\n[^]*\nanswer 42\n$/);
      }
      assert.equal(heard.lines.filter((line) => line.startsWith("warn ")).length, 1, heard.lines.join());
      assert.equal(heard.lines[0], `info Listening http://${name}:${port}`);
      assert.match(heard.lines[1]!, /^warn Listening beyond loopback: /);
    }
  },
));

Deno.test("an agent that listens on loopback does not warn", async () => {
  await using undo = new AsyncDisposableStack();
  const { server, heard } = serveOn("127.0.0.1", undo);
  assert.deepEqual(heard.lines, [`info Listening http://127.0.0.1:${server.address.port}`]);
});

Deno.test(needs(LIVE_KERNEL, "run answers for the host names that its options name", async () => {
  await using agent = await startAgent(["--comm-prefix", "nobody", "--allowed-hosts", "a.example,B.example"]);
  const statusFor = (host: string) => statusOf(agent.address, ask("GET /healthz HTTP/1.1", `Host: ${host}`));
  assert.equal(await statusFor("a.example"), 200);
  assert.equal(await statusFor("b.example:9090"), 200);
  assert.equal(await statusFor("c.example"), 421);
}));

/** What a browser shows of a page, as HTML. */
async function browse(url: string): Promise<string> {
  await using profile = await temporaryDirectory();
  const { code, stdout, stderr } = await output(
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    `--user-data-dir=${profile.path}`,
    "--host-resolver-rules=MAP evil.example 127.0.0.1",
    "--virtual-time-budget=5000",
    "--dump-dom",
    url,
  );
  assert.equal(code, 0, stderr);
  return stdout;
}

Deno.test(needs(
  ["chromium"],
  "a browser shows metrics under localhost and an address, and not under a name that is made to point here",
  async () => {
    await using undo = new AsyncDisposableStack();
    const { server, heard } = serveOn("127.0.0.1", undo);
    const { port } = server.address;
    assert.match(
      await browse(`http://evil.example:${port}/metrics`),
      /The Host header names no host of this agent/,
    );
    assert.equal(heard.metrics, 0);
    for (const host of ["localhost", "127.0.0.1"]) {
      assert.match(await browse(`http://${host}:${port}/metrics`), /answer 42/);
    }
  },
));

/** A page that asks the agent in every way that a page of another site can, and says when all have ended. */
function attack(target: string): string {
  return `<!doctype html><title>page</title><body><img src="${target}?img"><iframe src="${target}?frame"></iframe>
    <script src="${target}?script"></script><script>
    const ways = [{ mode: "no-cors" }, { mode: "cors" }, { mode: "cors", headers: { accept: "text/plain" } }];
    Promise.allSettled(ways.map((way) => fetch("${target}", way).then((answer) => answer.text()))).then((texts) => {
      document.title = "read: " + JSON.stringify(texts.map(({ value }) => value ?? ""));
    });
    </script>`;
}

Deno.test(needs(
  ["chromium"],
  "a page of another site reads nothing of the agent, and causes no work by asking",
  async () => {
    await using undo = new AsyncDisposableStack();
    const { server, heard } = serveOn("127.0.0.1", undo);
    const target = `http://localhost:${server.address.port}/metrics`;
    let served = 0;
    const page = () => {
      served++;
      return new Response(attack(target), { headers: { "content-type": "text/html" } });
    };
    const site = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, page);
    undo.use(site);
    const html = await browse(`http://127.0.0.1:${site.addr.port}/`);
    await until("page", () => served > 0);
    assert.match(html, /<title>read: \["","",""\]<\/title>/);
    assert.doesNotMatch(html, /answer 42/);
    assert.equal(heard.metrics, 0);
  },
));
