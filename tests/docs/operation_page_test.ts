/** `docs/operation.md` beside what is served, and the modules that there are. */
import assert from "node:assert/strict";
import { MODULES } from "../../src/collector/mod.ts";
import { DEFAULT_CONFIG } from "../../src/sidecar/config/keys.ts";
import type { Host } from "../../src/sidecar/host.ts";
import { respond } from "../../src/sidecar/http/serve.ts";
import { ROOT } from "../support/ktm.ts";

const PAGE = Deno.readTextFileSync(new URL("docs/operation.md", ROOT));

Deno.test("docs/operation.md lists every path of the HTTP server", () => {
  const listed = [...PAGE.matchAll(/^\| `(\/\w+(?:\/N)?)` /gm)].map(([, path]) => path!);
  // The answer names all that there are, and asks the host nothing.
  const { body } = respond({} as Host, { method: "GET", path: "/nothing", query: "", headers: {} });
  assert.ok(body instanceof Uint8Array);
  const served = new TextDecoder().decode(body).match(/\/\w+(?:\/N)?/g);
  assert.deepEqual(listed, served);
});

Deno.test("docs/operation.md says of every module whether it is on", () => {
  const rows = [...PAGE.matchAll(/^\| `(\w+)` +\| .+ \| (on|off) +\| .+ \|$/gm)];
  const modules = MODULES.map(({ name }) => [
    name,
    DEFAULT_CONFIG.collector.modules.includes(name) ? "on" : "off",
  ]);
  assert.deepEqual(rows.map(([, ...cells]) => cells), modules);
});
