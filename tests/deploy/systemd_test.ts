/** The systemd unit, judged by systemd's own tool. */
// Runs beside others.
import assert from "node:assert/strict";
import { configFrom } from "../../src/sidecar/config/config.ts";
import { parseFile } from "../../src/sidecar/config/file.ts";
import { output } from "../support/child.ts";
import { valueOf } from "../support/exposition.ts";
import { ktm, ROOT } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { PROGRAMS, Stage } from "../support/stage.ts";
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

Deno.test("the unit keeps the folder that its configuration proposes for the recorder file", async () => {
  const unit = await Deno.readTextFile(UNIT);
  const folder = /^RuntimeDirectory=(\w+)$/m.exec(unit)?.[1];
  assert.match(unit, /^RuntimeDirectoryPreserve=yes$/m);
  const name = "deploy/systemd/ktm.yaml";
  const text = (await Deno.readTextFile(new URL(name, ROOT))).replace(/^# (recorder:| {2}file:)/gm, "$1");
  assert.equal(configFrom(parseFile(text, name)).recorder.file, `/run/${folder}/recorder`);
});

/**
 * What the kernel has a program call where somebody, such as a test beside this one, has put a uprobe: uretprobe and
 * uprobe, as an strace that is older than they are calls them (`arch/x86/entry/syscalls/syscall_64.tbl`).
 */
const OF_UPROBES = new Set(["uretprobe", "uprobe", "syscall_0x14f", "syscall_0x150"]);

/** The system calls of a set of systemd's, such as `@system-service`, with those of the sets in it. */
async function systemCalls(set: string): Promise<string[]> {
  const { stdout } = await output("systemd-analyze", "syscall-filter", "--no-pager", set);
  const names = stdout.split("\n").slice(1).map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const calls = await Promise.all(names.map((name) => name.startsWith("@") ? systemCalls(name) : [name]));
  return calls.flat();
}

Deno.test(
  needs(
    [...LIVE_KERNEL, "strace", "systemd-analyze"],
    "the unit's filter allows every system call that the agent makes while it watches",
    async () => {
      const unit = await Deno.readTextFile(UNIT);
      const words = [...unit.matchAll(/^SystemCallFilter=(.+)$/gm)].flatMap(([, list]) => list!.split(" "));
      const sets = await Promise.all(words.map((word) => word.startsWith("@") ? systemCalls(word) : [word]));
      const allowed = new Set(sets.flat());
      await using stage = new Stage();
      await using directory = await temporaryDirectory();
      stage.start(stage.copy(PROGRAMS.dd, stage.prefix), ["if=/dev/zero", "of=/dev/null"], stage.cgroup);
      const log = directory.file("strace");
      const strace = ["strace", "-f", "-qq", "-o", log];
      const args = ["snapshot", "--duration", "1s", "--comm-prefix", stage.prefix];
      const { code, stdout, stderr } = await ktm(args, strace);
      assert.equal(code, 0, stderr);
      assert.equal(valueOf(stdout, "ktm_status"), 2);
      const made = (await Deno.readTextFile(log)).matchAll(/^\d+ +(\w+)\(/gm);
      const calls = new Set([...made].map(([, call]) => call!)).difference(OF_UPROBES);
      const forbidden = calls.difference(allowed);
      assert.deepEqual([...forbidden], []);
    },
  ),
);
