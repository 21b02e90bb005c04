/** The systemd unit, judged by systemd's own tool. */
import assert from "node:assert/strict";
import { configFrom } from "../../src/sidecar/config.ts";
import { parseFile } from "../../src/sidecar/config_file.ts";
import { output } from "../support/child.ts";
import { ROOT } from "../support/ktm.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";

const UNIT = new URL("deploy/systemd/ktm.service", ROOT).pathname;

/** Where the unit expects the binary, which is not installed where tests run. */
const BINARY = "/usr/local/bin/ktm";

/** The highest exposure that is accepted: 4.0, as systemd-analyze counts. */
const EXPOSURE_LIMIT = 40;

Deno.test(needs(["systemd-analyze"], "systemd-analyze verify has nothing to say about the unit", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("ktm.service");
  await Deno.writeTextFile(
    path,
    (await Deno.readTextFile(UNIT)).replace(`=${BINARY} `, `=${Deno.execPath()} `),
  );
  const { code, stdout, stderr } = await output("systemd-analyze", "verify", "--man=no", path);
  assert.equal(stdout + stderr, "");
  assert.equal(code, 0);
}));

Deno.test(needs(["systemd-analyze"], "systemd-analyze security finds the unit hardened", async () => {
  const { code, stdout, stderr } = await output(
    "systemd-analyze",
    "security",
    "--offline=true",
    `--threshold=${EXPOSURE_LIMIT}`,
    "--no-pager",
    UNIT,
  );
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /Overall exposure level for ktm\.service: \d\.\d/);
}));

Deno.test("the unit's configuration is valid, and listens where the unit lets it", async () => {
  const name = "deploy/systemd/ktm.yaml";
  const { exporter } = configFrom(parseFile(await Deno.readTextFile(new URL(name, ROOT)), name));
  assert.equal(exporter.listen?.hostname, "127.0.0.1");
  assert.match(await Deno.readTextFile(UNIT), /^IPAddressAllow=localhost$/m);
});
