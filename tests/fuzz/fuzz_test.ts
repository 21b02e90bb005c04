/** Changed objects and BTF, always the same ones: nothing comes of them but a typed error, soon and in little memory. */
// Runs beside others.
import assert from "node:assert/strict";
import { times } from "../support/nightly.ts";
import { describeReport, runCampaign } from "./campaign.ts";

const SEED = 4;
/** Most of them are for the night, and `deno task fuzz` has as many as one likes. */
const COUNT = times(20_000, 200_000);

Deno.test(`${COUNT} changed objects and BTF blobs end in success or a typed error`, async () => {
  const start = performance.now();
  const report = await runCampaign({ seed: SEED, count: COUNT });
  const text = describeReport(report, (performance.now() - start) / 1000);
  console.log(text);
  assert.equal(report.findings.length, 0, text);
  assert.equal([...report.endings.values()].reduce((sum, count) => sum + count, 0), COUNT);
});
