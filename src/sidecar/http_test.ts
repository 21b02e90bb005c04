import assert from "node:assert/strict";
import type { ModuleHealth } from "../collector/mod.ts";
import type { Host } from "./host.ts";
import { respond } from "./http.ts";

const ANSWER = {
  family: { name: "answer", type: "gauge", help: "The answer.", unit: "1" },
  labels: {},
  value: 42n,
} as const;

function hostIn(...states: ModuleHealth["state"][]): Host {
  const health = states.map((state, index) => [`module${index}`, { state, reason: "because" }]);
  return {
    latest: () => [{ source: "some", timeMs: 0, samples: [ANSWER] }],
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
