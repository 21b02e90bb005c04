/** The rules and the dashboard of `deploy/`, judged by Prometheus: first as text, then on an agent at work. */
// Runs beside others.
import assert from "node:assert/strict";
import { parse } from "@std/yaml";
import { withRules } from "../../scripts/build_rules.ts";
import { MODULES } from "../../src/collector/mod.ts";
import { type Agent, startAgent } from "../support/agent.ts";
import { Child, output } from "../support/child.ts";
import { ROOT } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { times } from "../support/nightly.ts";
import { Stage } from "../support/stage.ts";
import { startFioReaders } from "../support/target/fio_readers.ts";
import { until } from "../support/until.ts";
import { DASHBOARD, panelQueries, PANELS } from "./dashboard.ts";
import { checkExpressions, Prometheus, RULES } from "./prometheus.ts";

const DEPLOY = new URL("deploy/prometheus/", ROOT).pathname;

/** What the dashboard's variables are while it shows everything. */
const EVERYTHING = { job: "ktm", instance: ".*", __rate_interval: "1m" } as const;

/** Series that one agent may have with every module. */
const SERIES_LIMIT = 350;

/** Metrics of files that a cgroup need not have. */
const OF_CGROUP_FILES = /\bktm_(memory_(current|limit)_bytes|pressure_stall_seconds_total)\b/;

/** Scrapes that rates are taken from. */
const SCRAPES = times(6, 30);

/** Long enough for the scrapes on a busy machine. */
const SCRAPES_MS = 4 * SCRAPES * 1000;

interface RuleText {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const { groups } = parse(Deno.readTextFileSync(RULES)) as {
  groups: { name: string; rules: RuleText[] }[];
};
const ALERTS = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined);

async function promtool(...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await output("promtool", ...args);
  assert.equal(code, 0, stdout + stderr);
}

Deno.test(needs(["promtool"], "promtool accepts the configuration example and the rules", async () => {
  await promtool("check", "config", `${DEPLOY}prometheus.yml`);
  await promtool("check", "rules", "--lint-fatal", RULES);
}));

Deno.test(needs(["promtool"], "the rules pass their unit tests", async () => {
  await promtool("test", "rules", `${DEPLOY}ktm.rules.test.yml`);
}));

Deno.test("the rules on reads are those that the numbers of explain make", () => {
  const committed = Deno.readTextFileSync(RULES);
  assert.equal(committed, withRules(committed), "run deno task build");
});

Deno.test("every alert is tested, and says what happened and what to do", () => {
  const tests = Deno.readTextFileSync(`${DEPLOY}ktm.rules.test.yml`);
  for (const { alert, annotations = {} } of ALERTS) {
    assert.ok(tests.includes(`{alertname="${alert}"}`), `${alert} is not tested`);
    for (const key of ["summary", "description", "runbook"]) assert.ok(annotations[key], `${alert}: ${key}`);
  }
});

Deno.test("an alert on cache, advice or reclaim stands on a rise of latency; those and crashes warn, no others", () => {
  const WORK = /ktm:activity|ktm_(cache|page_cache|fadvise|memory)_/;
  for (const { alert, expr, labels } of ALERTS) {
    const isOfLatency = /^(max without \(call\) \()?ktm:read_latency:raised/.test(expr);
    assert.ok(isOfLatency || !WORK.test(expr), alert);
    const isImpact = isOfLatency || /ktm_target_ends_total/.test(expr);
    assert.equal(labels?.severity, isImpact ? "warning" : "info", alert);
  }
});

Deno.test("panels of the dashboard have an id and a place of their own, and a description", () => {
  const { panels } = DASHBOARD;
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Set<string>();
  for (const { title, gridPos: { x, y, w, h } } of panels) {
    assert.ok(x + w <= 24, title);
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        assert.ok(!taken.has(`${column},${line}`), `${title} lies over another panel`);
        taken.add(`${column},${line}`);
      }
    }
  }
  for (const { title, description, targets = [] } of PANELS) {
    assert.ok(title !== "" && description !== undefined && targets.length > 0, title);
  }
});

Deno.test("the dashboard asks only for metrics that docs/metrics.md or the rules have", () => {
  const page = Deno.readTextFileSync(new URL("docs/metrics.md", ROOT));
  const known = new Set([
    ...[...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name!),
    ...groups.flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? [])),
  ]);
  for (const { name, expr } of panelQueries(EVERYTHING)) {
    const metrics = [...expr.matchAll(/\bktm[_:][\w:]+/g)].map(([word]) => word);
    assert.ok(metrics.length > 0, name);
    for (const metric of metrics) {
      assert.ok(known.has(metric) || known.has(metric.replace(/_(bucket|sum|count)$/, "")), metric);
    }
  }
});

Deno.test(needs(["promtool"], "promtool reads every query of the dashboard", async () => {
  const expressions = panelQueries(EVERYTHING).map(({ expr }) => expr);
  assert.match(await checkExpressions(expressions), new RegExp(`SUCCESS: ${expressions.length} rules found`));
}));

async function assertMetricsAccepted(agent: Agent): Promise<void> {
  const { text } = await agent.get("/metrics");
  await using child = new Child("promtool", { args: ["check", "metrics"], stdin: "piped" });
  await child.write(text);
  await child.endInput();
  const { code, stdout, stderr } = await child.outcome();
  assert.equal(code, 0, stdout + stderr);
}

/** Rules that have no result until the agent has run for longer, or while nothing is wrong. */
function needsMore(name: string): boolean {
  return /usual_1d$|:raised$|:present$/.test(name);
}

Deno.test(
  needs(
    [...LIVE_KERNEL, "promtool", "prometheus", "fio"],
    "every query and every rule has a result while a database reads",
    async () => {
      await using stage = new Stage();
      const modules = MODULES.map(({ name }) => name).join();
      await using agent = await startAgent(["--comm-prefix", stage.prefix, "--modules", modules]);
      startFioReaders(stage, ["--rate_iops=500"]);
      await agent.child.said(/Watching the target mode=full/);
      await assertMetricsAccepted(agent);
      await using prometheus = await Prometheus.start(new URL(agent.address).host);
      await until(`${SCRAPES} scrapes`, async () => {
        const [scrapes] = await prometheus.query('count_over_time(up{job="ktm"}[10m])');
        return Number(scrapes?.value[1] ?? 0) >= SCRAPES;
      }, SCRAPES_MS);

      for (const { name, expr } of panelQueries(EVERYTHING)) {
        if (OF_CGROUP_FILES.test(expr)) continue;
        assert.ok((await prometheus.query(expr)).length > 0, `${name} has no result: ${expr}`);
      }
      for (const { name, type, health, lastError, labels } of await prometheus.rules()) {
        assert.equal(health, "ok", `${name}: ${lastError}`);
        if (type === "alerting" || needsMore(name)) continue;
        const selector = Object.entries(labels ?? {}).map(([label, value]) => `${label}="${value}"`);
        const series = `${name}{${selector}}`;
        assert.ok((await prometheus.query(series)).length > 0, `${series} has no result`);
      }
      assert.deepEqual(
        (await prometheus.query('ALERTS{alertstate="firing"}')).map(({ metric }) => metric),
        [],
      );

      const [series] = await prometheus.query('scrape_samples_scraped{job="ktm"}');
      const count = Number(series?.value[1]);
      console.log(`series of one agent: ${count}`);
      assert.ok(count > 0 && count <= SERIES_LIMIT, `${count} series`);
    },
  ),
);
