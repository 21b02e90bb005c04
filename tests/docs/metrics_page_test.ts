/** `docs/metrics.md` beside what the exporter emits: the page is complete, and says nothing that is not so. */
import assert from "node:assert/strict";
import { MODULES } from "../../src/collector/mod.ts";
import { TARGET_PROBES } from "../../src/target/mod.ts";
import { startAgent } from "../support/agent.ts";
import { output } from "../support/child.ts";
import { ROOT } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";

const PAGE = Deno.readTextFileSync(new URL("docs/metrics.md", ROOT));

/** Everything that is made of programs. */
const SETS = [...MODULES.flatMap(({ programs }) => programs ?? []), TARGET_PROBES];

/** What the page or the exporter says of a metric. */
interface Described {
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** A section of the page. */
interface Section extends Described {
  readonly unit: string;
  readonly probe: string;
  readonly text: string;
  readonly queries: readonly string[];
}

/** The words of a list's line, `none` for none. */
function listed(section: string, item: string): string[] {
  const line = new RegExp(`^- ${item}: (.+)$`, "m").exec(section)?.[1];
  assert.ok(line !== undefined, `no line for ${item} in ${section}`);
  return line === "none" ? [] : line.split(", ").map((word) => word.replaceAll("`", ""));
}

/** The sections by the names of their metrics. */
function sections(page: string): Map<string, Section> {
  return new Map(
    [...page.matchAll(/^### (\w+)\n([^]*?)(?=^##|(?![^]))/gm)].map(([, name, text]) => [name!, {
      // The formatter breaks long lines.
      help: [...text!.matchAll(/^> (.*)$/gm)].map(([, line]) => line).join(" "),
      type: listed(text!, "type").join(),
      unit: listed(text!, "unit").join(),
      labels: listed(text!, "labels"),
      probe: listed(text!, "probe").join(),
      text: text!,
      queries: [...text!.matchAll(/```promql\n([^]*?)\n```/g)].map(([, query]) => query!),
    }]),
  );
}

/** Labels that belong to the format. */
const FORMAT_LABELS = new Set(["le"]);

/** What the text format says of each metric. */
function exposed(text: string): Map<string, Described> {
  return new Map(
    [...text.matchAll(/^# HELP (\w+) (.*)\n# TYPE \w+ (\w+)\n((?:[^#].*\n)*)/gm)].map((
      [, name, help, type, series],
    ) => {
      const labels = [...series!.matchAll(/[{,](\w+)="/g)].map(([, label]) => label!);
      return [name!, {
        help: help!,
        type: type!,
        labels: [...new Set(labels)].filter((label) => !FORMAT_LABELS.has(label)),
      }];
    }),
  );
}

const SECTIONS = sections(PAGE);

Deno.test(
  needs([...LIVE_KERNEL, "bash"], "docs/metrics.md describes every metric as it is exported", async () => {
    await using stage = new Stage();
    await stage.startStopped(stage.prefix, ":", stage.cgroup);
    const modules = MODULES.map(({ name }) => name).join();
    const args = ["--comm-prefix", stage.prefix, "--self-stats", "--modules", modules];
    await using agent = await startAgent(args);
    assert.equal(await agent.value("ktm_target_up"), 1);
    const found = exposed((await agent.get("/metrics")).text);
    const page = [...SECTIONS]
      .filter(([name]) => found.has(name) || !OF_CGROUP_FILES.test(name))
      .map(([name, { help, type, labels }]) => [name, { help, type, labels }]);
    assert.deepEqual(Object.fromEntries(page), Object.fromEntries(found));
  }),
);

/** Metrics that are absent where a cgroup has no limit, or no such files. */
const OF_CGROUP_FILES =
  /^ktm_(memory_(current_bytes|limit_bytes|events_total)|pressure_stall_seconds_total)$/;

Deno.test("docs/metrics.md has a section for every metric of every module", () => {
  const families = MODULES.flatMap(({ families }) => families.map(({ name }) => name));
  assert.deepEqual(families.filter((name) => !SECTIONS.has(name)), []);
  for (const { name, help, type } of MODULES.flatMap(({ families }) => families)) {
    assert.deepEqual([SECTIONS.get(name)?.help, SECTIONS.get(name)?.type], [help, type], name);
  }
});

Deno.test("docs/metrics.md names the unit that the name of a metric tells", () => {
  for (const [name, { unit }] of SECTIONS) {
    const told = /_(seconds|bytes)(_|$)/.exec(name)?.[1];
    if (told !== undefined) assert.equal(unit, told, name);
    else assert.ok(!["seconds", "bytes"].includes(unit), name);
  }
});

Deno.test("docs/metrics.md names the probe of each metric", () => {
  const probes = new Map<string, string>();
  // Of a metric with several series that of the first.
  for (const { family, probe } of SETS.flatMap(({ latencies, counters }) => [...latencies, ...counters])) {
    if (!probes.has(family.name)) probes.set(family.name, probe);
  }
  for (const [name, { probe }] of SECTIONS) assert.equal(probe, probes.get(name) ?? "", name);
});

Deno.test("docs/metrics.md says of each metric how inaccurate it is, and gives one query with it", () => {
  for (const [name, { text, queries }] of SECTIONS) {
    assert.match(text, /\bInaccuracy: /, name);
    assert.equal(queries.length, 1, name);
    assert.ok(queries[0]!.includes(name), name);
  }
});

Deno.test("docs/metrics.md lists the strategies of each probe in their order", () => {
  const rows = [...PAGE.matchAll(/^\| `(\w+)` +\| (\w+) +\| .+ \| (yes|no) +\|$/gm)];
  const strategies = SETS.flatMap(({ probes }) => probes).flatMap(({ probe, strategies }) =>
    strategies.map(({ strategy, exact }) => [probe, strategy, exact ? "yes" : "no"])
  );
  assert.deepEqual(rows.map(([, ...cells]) => cells), strategies);
});

Deno.test(needs(["promtool"], "promtool reads every query of docs/metrics.md", async () => {
  await using directory = await temporaryDirectory();
  const rules = [...SECTIONS].flatMap(([name, { queries }]) =>
    queries.map((expr, index) => ({ record: `query:${name}:${index}`, expr }))
  );
  const file = directory.file("rules.yml");
  // JSON is YAML.
  await Deno.writeTextFile(file, JSON.stringify({ groups: [{ name: "metrics", rules }] }));
  const { code, stdout, stderr } = await output("promtool", "check", "rules", file);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, new RegExp(`SUCCESS: ${rules.length} rules found`));
}));
