import assert from "node:assert/strict";
import type { ModuleHealth } from "../../collector/mod.ts";
import { explainWindows } from "../../diagnosis/mod.ts";
import { processId } from "../../syscall/mod.ts";
import type { Host } from "../host.ts";
import type { Incidents } from "../incidents.ts";
import type { HttpAnswer } from "./answer.ts";
import { objectionTo, respond } from "./serve.ts";
import { bodyText } from "./testing_answer.ts";

// Otherwise a test that watches resources would see the libraries that the machine's name opens.
processId();

const ANSWER = {
  family: { name: "answer", type: "gauge", help: "The answer.", unit: "1" },
  labels: {},
  value: 42n,
} as const;

function hostIn(...states: ModuleHealth["state"][]): Host {
  const health = states.map((state, index) => [`module${index}`, { state, reason: "because" }]);
  return {
    latest: () => [{ source: "some", timeMs: 0, monotonicMs: 0, samples: [ANSWER] }],
    health: () => Object.fromEntries(health),
  } as Partial<Host> as Host;
}

interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(target: string, init: Init = {}, host: Host = hostIn("full")): HttpAnswer {
  const [path = "", query = ""] = target.split("?");
  return respond(host, { method: "GET", headers: {}, ...init, path, query });
}

function typeOf({ fields }: HttpAnswer): string | undefined {
  return fields["content-type"];
}

Deno.test("/metrics speaks the Prometheus text format", async () => {
  const response = ask("/metrics");
  assert.equal(response.status, 200);
  assert.match(typeOf(response)!, /^text\/plain; version=0\.0\.4/);
  assert.match(await bodyText(response), /^answer 42$/m);
});

Deno.test("/metrics speaks OpenMetrics to those who accept it", async () => {
  const accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3";
  const response = ask("/metrics", { headers: { accept } });
  assert.match(typeOf(response)!, /^application\/openmetrics-text; version=1\.0\.0/);
  assert.match(await bodyText(response), /\n# EOF\n$/);
});

Deno.test("/readyz does not pass a target that has ended for one that is watched", () => {
  assert.equal(ask("/readyz", {}, hostIn("full", "ended")).status, 503);
});

Deno.test("/healthz says that the process lives, whatever the modules do", () => {
  assert.equal(ask("/healthz", {}, hostIn("disabled", "waiting")).status, 200);
});

Deno.test("/readyz is not ready while a module waits, and tells why", async () => {
  assert.equal(ask("/readyz", {}, hostIn("full", "degraded", "disabled")).status, 200);
  const response = ask("/readyz", {}, hostIn("full", "waiting"));
  assert.equal(response.status, 503);
  assert.deepEqual(JSON.parse(await bodyText(response)), {
    module0: { state: "full", reason: "because" },
    module1: { state: "waiting", reason: "because" },
  });
});

Deno.test("another path is not found, and the answer names those that there are", async () => {
  for (const path of ["/", "/metrics/", "/toString", "/__proto__"]) {
    const response = ask(path);
    assert.equal(response.status, 404, path);
    assert.match(await bodyText(response), /\/metrics, \/healthz, \/readyz, \/recorder/);
  }
});

Deno.test("only reading is allowed", () => {
  for (const method of ["POST", "PUT", "DELETE"]) {
    const response = ask("/metrics", { method });
    assert.equal(response.status, 405, method);
    assert.equal(response.fields["allow"], "GET, HEAD");
  }
  assert.equal(ask("/metrics", { method: "HEAD" }).status, 200);
});

Deno.test("only reading is allowed of the server as a whole, too", () => {
  const answer = ask("*", { method: "OPTIONS" });
  assert.deepEqual([answer.status, answer.fields["allow"]], [405, "GET, HEAD"]);
});

Deno.test("a path that is no path, or is written another way, is not found", () => {
  for (
    const path of [
      "/%",
      "/%zz",
      "/%6detrics",
      "/../metrics",
      "//metrics",
      "/\\metrics",
      "/metrics#x",
      "/incidents/%31",
    ]
  ) {
    assert.equal(ask(path).status, 404, path);
  }
});

Deno.test("objectionTo() refuses a foreign name over loopback, and a page of another site", () => {
  const names = ["ktm.example"];
  const statusOf = (host: string, peer: string, headers = {}) =>
    objectionTo({ host, headers }, peer, names)?.status;
  assert.equal(statusOf("evil.example", "127.0.0.1"), 421);
  assert.equal(statusOf("evil.example", "::1"), 421);
  assert.equal(statusOf("ktm.example", "127.0.0.1"), undefined);
  assert.equal(statusOf(Deno.hostname().toLowerCase(), "127.0.0.1"), undefined);
  assert.equal(statusOf("evil.example", "192.0.2.1"), undefined);
  assert.equal(statusOf("localhost", "127.0.0.1", { "sec-fetch-site": "cross-site" }), 403);
});

Deno.test("a query string does not change the path", () => {
  assert.equal(ask("/healthz?verbose=1").status, 200);
});

/** A host that looks for incidents and has found one. */
function watchingHost(): Host {
  const incidents: Partial<Incidents> = {
    explain: () => explainWindows([]),
    list: () => [],
    window: (number) => number === 7 ? new TextEncoder().encode('{"version":1,"sources":[]}') : undefined,
  };
  return { incidents } as Partial<Host> as Host;
}

Deno.test("/explain answers with JSON, or with text to those who ask for it", async () => {
  const json = ask("/explain", {}, watchingHost());
  assert.match(typeOf(json)!, /^application\/json/);
  assert.equal(JSON.parse(await bodyText(json)).workload, "not enough data");
  const text = ask("/explain", { headers: { accept: "text/plain" } }, watchingHost());
  assert.match(typeOf(text)!, /^text\/plain; charset=utf-8$/);
  assert.match(await bodyText(text), /^No incident: not enough data\n/);
  const either = ask(
    "/explain",
    { headers: { accept: "application/json, text/plain, */*" } },
    watchingHost(),
  );
  assert.match(typeOf(either)!, /^application\/json/);
});

Deno.test("/incidents lists, and /incidents/N gives the window of one as it was kept", async () => {
  assert.deepEqual(JSON.parse(await bodyText(ask("/incidents", {}, watchingHost()))), []);
  const window = ask("/incidents/7", {}, watchingHost());
  assert.equal(typeOf(window), "application/json");
  assert.deepEqual(JSON.parse(await bodyText(window)), { version: 1, sources: [] });
  for (const path of ["/incidents/8", "/incidents/N", "/incidents/", "/incidents/7x", "/incidents/-1"]) {
    assert.equal(ask(path, {}, watchingHost()).status, 404, path);
  }
});

Deno.test("/explain and /incidents are not found where nobody looks for incidents", () => {
  for (const path of ["/explain", "/incidents", "/incidents/1"]) assert.equal(ask(path).status, 404, path);
});
