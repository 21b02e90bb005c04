/** A module that this tree does not have: one folder, one object, one entry in the registry, and nothing else. */
import assert from "node:assert/strict";
import type { RecorderDump } from "../../src/recorder/mod.ts";
import { startAgent } from "../support/agent.ts";
import { Child } from "../support/child.ts";
import { ROOT, startKtm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { PROGRAMS, Stage } from "../support/stage.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";

/** What a copy of the tree needs to be run, built and tested. */
const PARTS = ["deno.json", "deno.lock", "src", "bpf", "packages", "scripts", "docs", "tests", "deploy"];

/** The program: how often the target forks. */
const SOURCE = `#include "watched.h"

struct counters {
	__u64 forks;
};

#include "counting.h"

SEC("tp_btf/sched_process_fork")
int btf_fork(void *ctx)
{
	struct counters *counters = counters_in_scope();

	if (counters)
		count(counters->forks, 1);
	return 0;
}

const char LICENSE[] SEC("license") = "GPL";
`;

/** The folder. */
const MODULE = `import object from "../../../bpf/extra.bpf.o" with { type: "bytes" };
import { counter, probe, type ProbeSet } from "../../programs/mod.ts";

export const EXTRA: ProbeSet = {
  name: "extra",
  object,
  probes: [probe("fork", { tp_btf: ["btf_fork"] })],
  counters: [counter("ktm_extra_forks_total", "forks", "fork", "Forks of the target.")],
  latencies: [],
};
`;

async function run(directory: string, ...args: readonly string[]): Promise<{ code: number; text: string }> {
  await using child = new Child(Deno.execPath(), { args: [...args], cwd: directory, env: { NO_COLOR: "1" } });
  const { code, stdout, stderr } = await child.outcome();
  return { code, text: stdout + stderr };
}

/** A copy of the tree with the module in it. */
async function extendedTree(directory: string): Promise<void> {
  const parts = PARTS.map((part) => new URL(part, ROOT).pathname);
  await using copy = new Child("cp", { args: ["-r", ...parts, directory] });
  assert.equal((await copy.outcome()).code, 0);
  await Deno.writeTextFile(`${directory}/bpf/extra.bpf.c`, SOURCE);
  await Deno.mkdir(`${directory}/src/collector/extra`);
  await Deno.writeTextFile(`${directory}/src/collector/extra/mod.ts`, MODULE);
  const registry = `${directory}/src/collector/modules.ts`;
  const text = await Deno.readTextFile(registry);
  const extended = text.replace(/^\];$/m, '  probeModule("Forks", EXTRA),\n];');
  assert.notEqual(extended, text);
  await Deno.writeTextFile(registry, `import { EXTRA } from "./extra/mod.ts";\n${extended}`);
  const build = 'import { buildBpf } from "./scripts/build_bpf.ts"; await buildBpf(false);';
  const { code, text: said } = await run(directory, "eval", build);
  assert.equal(code, 0, said);
}

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash", "clang"],
    "a third module needs a folder, an object and an entry",
    async (t) => {
      await using stage = new Stage();
      await using tree = await temporaryDirectory();
      await extendedTree(tree.path);
      const config = tree.file("ktm.yaml");
      const collector = `interval: 100ms, modules: [iomonitor, extra], ebpf: {comm_prefix: ${stage.prefix}}`;
      await Deno.writeTextFile(config, `collector: {${collector}}\n`);
      const shell = stage.copy(PROGRAMS.shell, stage.prefix);
      const script =
        "while read -r count; do for ((i = 0; i < count; i++)); do (:); done; echo done >&2; done";
      const target = stage.start(shell, ["-c", script], stage.cgroup, { stdin: "piped" });

      await t.step("run, /metrics, /readyz and the recorder show it", async () => {
        await using agent = await startAgent(["--config", config], [], tree.path);
        await agent.child.said(/Watching the target mode=full/);
        await target.write("7\n");
        await target.said(/^done$/m);
        assert.equal(await agent.value("ktm_extra_forks_total"), 7);
        const { text } = await agent.get("/metrics");
        assert.match(text, /^ktm_probe_attached\{module="extra",probe="fork"\} 1$/m);
        assert.match(text, /^ktm_probe_attached\{module="iomonitor",probe="sys_read"\} 1$/m);
        assert.equal(JSON.parse((await agent.get("/readyz")).text).extra.state, "full");
        const dump: RecorderDump = JSON.parse((await agent.get("/recorder")).text);
        const { series } = dump.sources.find(({ source }) => source === "extra")!;
        const forks = series.find(({ name }) => name === "ktm_extra_forks_total");
        assert.equal(Number(forks?.values.at(-1)), 7);
      });

      await t.step("check shows its probe", async () => {
        await using child = startKtm(["check", "--config", config], [], tree.path);
        assert.match((await child.outcome()).stdout, /^ok +probe fork: tp_btf, exact$/m);
      });

      await t.step("top shows its figures", async () => {
        await using child = startKtm(["top", "--config", config, "--interval", "100ms"], [], tree.path);
        await child.said(/Watching the target/);
        await until("tick", () => child.stderr.length > 0);
        child.kill("SIGTERM");
        assert.match((await child.outcome()).stdout, / extra_forks_total \S+/);
      });

      await t.step("the documentation's tests miss its metric", async () => {
        const test = ["test", "-A", "--no-check", "--filter", "has a section for every metric"];
        const page = new URL("../docs/metrics_page_test.ts", import.meta.url).pathname.slice(
          ROOT.pathname.length,
        );
        const { code, text } = await run(tree.path, ...test, page);
        assert.equal(code, 1, text);
        assert.match(text, /ktm_extra_forks_total/);
      });

      await t.step("the configuration's page and completion name it", async () => {
        const script = 'import { configurationPage } from "./scripts/build_configuration.ts";' +
          'import { VALUES } from "./scripts/build_completion.ts";' +
          "console.log(new TextDecoder().decode(await configurationPage()), VALUES.modules);";
        const { text } = await run(tree.path, "eval", script);
        assert.match(text, /^- `extra`: Forks; not unless asked for$/m);
        assert.match(text, /"extra"/);
      });
    },
  ),
);
