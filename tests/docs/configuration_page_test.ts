/** `docs/configuration.md` beside the tables of keys and options. */
import assert from "node:assert/strict";
import { configurationPage } from "../../scripts/build_configuration.ts";
import { ROOT } from "../support/ktm.ts";

Deno.test("docs/configuration.md is what the tables of keys and options make", async () => {
  const committed = await Deno.readTextFile(new URL("docs/configuration.md", ROOT));
  assert.equal(committed, new TextDecoder().decode(await configurationPage()), "run deno task build");
});
