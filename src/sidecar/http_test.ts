import assert from "node:assert/strict";
import type { ModuleHealth } from "../collector/mod.ts";
import { explainWindows } from "../diagnosis/mod.ts";
import type { Host } from "./host.ts";
import { respond } from "./http.ts";
import type { Incidents } from "./incidents.ts";

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

function ask(path: string, init: RequestInit = {}, host: Host = hostIn("full")): Response {
  return respond(host, new Request(`http://localhost${path}`, init));
}

Deno.test("/metrics speaks the Prometheus text format", async () => {
  const response = ask("/metrics");
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  assert.match(await response.text(), /^answer 42$/m);
});

Deno.test("/metrics speaks OpenMetrics to those who accept it", async () => {
  const accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3";
  const response = ask("/metrics", { headers: { accept } });
  assert.match(response.headers.get("content-type")!, /^application\/openmetrics-text; version=1\.0\.0/);
  assert.match(await response.text(), /\n# EOF\n$/);
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
  assert.deepEqual(await response.json(), {
    module0: { state: "full", reason: "because" },
    module1: { state: "waiting", reason: "because" },
  });
});

Deno.test("another path is not found, and the answer names those that there are", async () => {
  for (const path of ["/", "/metrics/", "/toString", "/__proto__"]) {
    const response = ask(path);
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /\/metrics, \/healthz, \/readyz, \/recorder/);
  }
});

Deno.test("only reading is allowed", () => {
  for (const method of ["POST", "PUT", "DELETE"]) {
    const response = ask("/metrics", { method });
    assert.equal(response.status, 405, method);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
  }
  assert.equal(ask("/metrics", { method: "HEAD" }).status, 200);
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
  assert.match(json.headers.get("content-type")!, /^application\/json/);
  assert.equal((await json.json()).workload, "not enough data");
  const text = ask("/explain", { headers: { accept: "text/plain" } }, watchingHost());
  assert.match(text.headers.get("content-type")!, /^text\/plain;charset=utf-8/i);
  assert.match(await text.text(), /^No incident: not enough data\n/);
  const either = ask(
    "/explain",
    { headers: { accept: "application/json, text/plain, */*" } },
    watchingHost(),
  );
  assert.match(either.headers.get("content-type")!, /^application\/json/);
});

Deno.test("/incidents lists, and /incidents/N gives the window of one as it was kept", async () => {
  assert.deepEqual(await ask("/incidents", {}, watchingHost()).json(), []);
  const window = ask("/incidents/7", {}, watchingHost());
  assert.equal(window.headers.get("content-type"), "application/json");
  assert.deepEqual(await window.json(), { version: 1, sources: [] });
  for (const path of ["/incidents/8", "/incidents/N", "/incidents/", "/incidents/7x", "/incidents/-1"]) {
    assert.equal(ask(path, {}, watchingHost()).status, 404, path);
  }
});

Deno.test("/explain and /incidents are not found where nobody looks for incidents", () => {
  for (const path of ["/explain", "/incidents", "/incidents/1"]) assert.equal(ask(path).status, 404, path);
});
