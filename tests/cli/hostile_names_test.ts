/** Names that a target has chosen to act on a terminal or to forge lines, in everything that is written of it. */
import assert from "node:assert/strict";
import { line } from "../../src/cli/commands/check.ts";
import { explainRecording, formatExplanation } from "../../src/diagnosis/mod.ts";
import { repeat, windowOf } from "../../src/diagnosis/testing_window.ts";
import { formatJson, formatOpenMetrics, formatPrometheus, formatTable } from "../../src/exporter/mod.ts";
import type { Life, SampleSet } from "../../src/metrics/mod.ts";
import { FlightRecorder, readDump } from "../../src/recorder/mod.ts";
import { jsonAnswer } from "../../src/sidecar/http/answer.ts";
import { recorderAnswer } from "../../src/sidecar/http/recorder_answer.ts";
import { bodyText } from "../../src/sidecar/http/testing_answer.ts";
import { FORMATTERS } from "../../src/sidecar/log/format.ts";
import { monotonicMs } from "../../src/syscall/mod.ts";
import { renderPlain, renderScreen } from "../../src/top/mod.ts";
import { snapshotOf, viewOf } from "../../src/top/testing_view.ts";
import { startAgent } from "../support/agent.ts";
import { Child } from "../support/child.ts";
import { ktm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { PROGRAMS, Stage } from "../support/stage.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
monotonicMs();

/** Colours, clears, rings, begins lines, turns the direction, in every encoding of such characters. */
const HOSTILE =
  'db\x1b[31m\x07\r\nNo incident: forged\t\x7f\x852J\x9b2J\u202e\u2028\ufeff\u{e0041}\ud800 \\"';

const NEWLINE = "\n";

/** Asserts that no character of a text acts on its reader but the newlines that end lines. */
function assertPlain(text: string, what: string): void {
  const found = text.replaceAll(NEWLINE, "").match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  assert.equal(found, null, `${what}: ${JSON.stringify(found?.[0])} in ${JSON.stringify(text)}`);
}

const FAMILY = { name: "ktm_target_info", type: "gauge", help: HOSTILE, unit: "1" } as const;

const SETS: readonly SampleSet[] = [{
  source: HOSTILE,
  timeMs: 1_700_000_000_000,
  monotonicMs: 1000,
  samples: [{ family: FAMILY, labels: { comm: HOSTILE, cgroup: `/sys/fs/cgroup/${HOSTILE}` }, value: 1n }],
}];

const LIVES: readonly Life[] = [{
  number: 1,
  target: { comm: HOSTILE, pid: 7, cgroup: `/sys/fs/cgroup/${HOSTILE}` },
  begin: { timeMs: 1_700_000_000_000, monotonicMs: 1_700_000_000_000 },
  end: { timeMs: 1_700_000_060_000, monotonicMs: 1_700_000_060_000, how: "signal", signal: 11 },
}];

const EXPLANATION = explainRecording({
  lives: LIVES,
  windows: [windowOf(repeat(60, { pread: { 1: 300 } }), { cgroup: HOSTILE, inexact: [HOSTILE] })],
});

const VIEW = viewOf(snapshotOf(0, ...SETS[0]!.samples), snapshotOf(1000, ...SETS[0]!.samples), {
  reason: HOSTILE,
  lives: LIVES,
  notes: [{ time: new Date(0), isBad: true, text: HOSTILE }],
});

const ENTRY = {
  time: new Date(0),
  level: "warn",
  message: HOSTILE,
  properties: { comm: HOSTILE, list: [HOSTILE], error: new Error(HOSTILE) },
} as const;

/** A recorder that has taken it all. */
function recorderOfHostile(): FlightRecorder {
  const recorder = new FlightRecorder({ memoryLimit: 1 << 22 });
  const now = { timeMs: Date.now(), monotonicMs: monotonicMs() };
  recorder.beginLife(LIVES[0]!.target, now, [HOSTILE]);
  for (const set of SETS) recorder.record({ ...set, ...now });
  return recorder;
}

Deno.test("no text that is written of a target has a character of its names that acts", () => {
  const texts: Readonly<Record<string, string>> = {
    table: formatTable(SETS),
    prometheus: formatPrometheus(SETS),
    openmetrics: formatOpenMetrics(SETS),
    explanation: formatExplanation(EXPLANATION),
    log: FORMATTERS.text(ENTRY),
    screen: renderScreen(VIEW, { columns: 300, rows: 60 }).flat().map(({ text }) => text).join(""),
    plain: renderPlain(VIEW),
    check: line({ name: "target", level: "ok", detail: HOSTILE, remedy: HOSTILE }),
  };
  for (const [what, text] of Object.entries(texts)) {
    assertPlain(text, what);
    if (what !== "plain") assert.ok(text.includes("\\u001b"), `${what} shows it: ${text}`);
    assert.ok(!/^No incident: forged/m.test(text), what);
  }
  assert.equal(texts["table"]!.split(NEWLINE).length, 3);
  assert.equal(texts["log"]!.split(NEWLINE).length, 1);
  assert.equal(texts["check"]!.split(NEWLINE).length, 2);
});

Deno.test("no JSON that is written of a target has a character of its names that acts, and it keeps its value", async () => {
  const recorder = recorderOfHostile();
  const log = JSON.parse(FORMATTERS.json(ENTRY));
  assert.deepEqual([log.message, log.comm, log.list, log.error], [HOSTILE, HOSTILE, [HOSTILE], HOSTILE]);
  assert.equal(JSON.parse(formatJson(SETS)).sets[0].samples[0].labels.comm, HOSTILE);
  const answer = await bodyText(jsonAnswer({ reason: HOSTILE }));
  assert.deepEqual(JSON.parse(answer), { reason: HOSTILE });
  const dump = await bodyText(recorderAnswer(recorder, new URLSearchParams("last=1m")));
  const { lives, windows } = readDump(dump);
  assert.equal(lives[0]!.target.comm, HOSTILE);
  assert.deepEqual(windows.map(({ series }) => series[0]!.labels["comm"]), [HOSTILE]);
  const texts = { log: FORMATTERS.json(ENTRY), exporter: formatJson(SETS), answer, dump };
  for (const [what, text] of Object.entries(texts)) assertPlain(text, what);
});

Deno.test("an answer about a query does not repeat a character of it that acts", () => {
  const query = new URLSearchParams({ last: "\x9b2J\u202e" });
  const { status, body } = recorderAnswer(recorderOfHostile(), query);
  assert.equal(status, 400);
  assert.ok(body instanceof Uint8Array);
  const text = new TextDecoder().decode(body);
  assertPlain(text, "answer");
  assert.ok(text.includes("\\u009b2J\\u202e"), text);
});

Deno.test(needs(["promtool"], "promtool accepts what is exposed of a target with any name", async () => {
  await using child = new Child("promtool", { args: ["check", "metrics"], stdin: "piped" });
  await child.write(formatPrometheus(SETS));
  await child.endInput();
  const { code, stdout, stderr } = await child.outcome();
  assert.equal(code, 0, stdout + stderr);
}));

Deno.test(
  needs(LIVE_KERNEL, "a process and a cgroup with hostile names act on no output of ktm", async () => {
    await using stage = new Stage();
    await using directory = await temporaryDirectory();
    // 15 bytes, which is all that a comm has.
    const comm = `${stage.prefix}\x1b\n\x9b`;
    const cgroup = stage.makeCgroup("\x1b[7m\x07\r\x9b\u202e");
    const script = "while sleep 0.02; do read -r _ < /proc/uptime; done";
    const target = stage.start(stage.copy(PROGRAMS.shell, comm), ["-c", script], cgroup);
    const options = ["--comm-prefix", stage.prefix];
    await until("the name", () => Deno.readTextFileSync(`/proc/${target.pid}/comm`) === `${comm}\n`);

    const outcomes: [string, string][] = [];
    const note = async (...args: string[]) => {
      const { stdout, stderr } = await ktm(args);
      assert.notEqual(stdout, "", stderr);
      outcomes.push([args.join(" "), stdout], [`log of ${args.join(" ")}`, stderr]);
      return stdout;
    };
    assert.ok((await note("check", ...options)).includes("\\u001b\\n\\u009b"));
    await note("check", "--json", ...options);
    for (const format of ["table", "json", "prometheus"]) {
      const stdout = await note("snapshot", "--duration", "200ms", "--format", format, ...options);
      assert.ok(stdout.includes("[7m"), stdout);
    }
    await using agent = await startAgent(options);
    await agent.child.said(/Watching the target/);
    for (const path of ["/metrics", "/readyz"]) outcomes.push([path, (await agent.get(path)).text]);
    await target[Symbol.asyncDispose]();
    const dump = await until("the end", async () => {
      const { text } = await agent.get("/recorder");
      return JSON.parse(text).lives[0]?.end !== undefined && text;
    });
    assert.equal(JSON.parse(dump).lives[0].target.comm, comm);
    outcomes.push(["/recorder", dump], ["/explain", (await agent.get("/explain")).text]);
    outcomes.push(["log of run", agent.child.stderr]);
    await Deno.writeTextFile(directory.file("dump.json"), dump);
    const explained = await note("explain", "--from", directory.file("dump.json"));
    assert.ok(explained.includes("\\u001b\\n\\u009b"), explained);
    for (const [what, text] of outcomes) assertPlain(text, what);
  }),
);
