import assert from "node:assert/strict";
import { HTTP_LIMITS } from "./limits.ts";

/** The longest scrape interval that is usual: Prometheus' own default. */
const SCRAPE_MS = 60_000;

Deno.test("HTTP_LIMITS leave a connection open from one scrape to the next, also if some are left out", () => {
  assert.ok(HTTP_LIMITS.idleMs > 4 * SCRAPE_MS);
});
