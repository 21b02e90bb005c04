/** `docs/operation.md` beside what is served. */
import assert from "node:assert/strict";
import type { Host } from "../../src/sidecar/host.ts";
import { respond } from "../../src/sidecar/http/serve.ts";
import { ROOT } from "../support/ktm.ts";

Deno.test("docs/operation.md lists every path of the HTTP server", async () => {
  const page = await Deno.readTextFile(new URL("docs/operation.md", ROOT));
  const listed = [...page.matchAll(/^\| `(\/\w+(?:\/N)?)` /gm)].map(([, path]) => path!);
  // The answer names all that there are, and asks the host nothing.
  const { body } = respond({} as Host, { method: "GET", path: "/nothing", query: "", headers: {} });
  assert.ok(body instanceof Uint8Array);
  const served = new TextDecoder().decode(body).match(/\/\w+(?:\/N)?/g);
  assert.deepEqual(listed, served);
});
