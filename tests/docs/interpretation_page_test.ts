/** `docs/interpretation.md` beside the program: its examples, its numbers, its keys. */
import assert from "node:assert/strict";
import { DIAGNOSIS_OPTIONS } from "../../src/cli/arguments/options.ts";
import { explainRecording, formatExplanation, THRESHOLDS } from "../../src/diagnosis/mod.ts";
import { WORDINGS } from "../../src/diagnosis/words/wording.ts";
import { readDump } from "../../src/recorder/mod.ts";
import { ROOT } from "../support/ktm.ts";
import { diagnose } from "../workloads/diagnose.ts";
import { matrixTable } from "../workloads/matrix.ts";
import { readKept } from "../workloads/windows.ts";

const PAGE = Deno.readTextFileSync(new URL("docs/interpretation.md", ROOT));

/** The examples, by the workload that they are of. */
const EXAMPLES = [
  ...PAGE.matchAll(/^### (W\d)\n[^`]*(?:`[^`]+`[^`]*)*?`([\w-]+-\d+)` in[^]*?```text\n([^]*?)```/gm),
];

Deno.test("the page has an example of each workload", () => {
  assert.deepEqual(EXAMPLES.map(([, workload]) => workload), ["W1", "W2", "W3", "W4", "W5"]);
});

for (const [, workload, name, text] of EXAMPLES) {
  Deno.test(`the example of ${workload} is what is said of ${name}`, async () => {
    const recording = (await readKept()).find(({ scenario, run }) => `${scenario}-${run}` === name);
    assert.ok(recording, "it is not kept");
    const said = formatExplanation(explainRecording(readDump(JSON.stringify(recording.window))));
    assert.equal(text, said.slice(0, text!.length));
    assert.match(text!, new RegExp(`^(?:INCIDENT|No incident): ${workload}, `));
  });
}

/** Rows of cells, whatever the formatter made of the spaces between them. */
function cellsOf(table: string): string[][] {
  const rows = table.split("\n").filter((line) => line.startsWith("|") && !/^\| -/.test(line));
  return rows.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("the page has what deno task workloads --matrix says of the runs on the newest kernel", async () => {
  const runs = await readKept();
  const [, kernel] = /on\s+Linux (\d+\.\d+):\s+<!-- deno task workloads --matrix -->/.exec(PAGE) ?? [];
  const verdicts = runs.filter((recording) => recording.kernel.startsWith(`${kernel}.`)).map(diagnose);
  const [, table] = /<!-- deno task workloads --matrix -->\n([^]*?)<!-- \/matrix -->/.exec(PAGE) ?? [];
  assert.deepEqual(cellsOf(table!), cellsOf(matrixTable(verdicts)));
});

Deno.test("the page describes every workload, and every key with its flag and default", () => {
  for (const workload of Object.keys(WORDINGS)) assert.match(PAGE, new RegExp(`^\\| ${workload} +\\|`, "m"));
  for (const { name, configPath, default: value } of DIAGNOSIS_OPTIONS) {
    assert.match(
      PAGE,
      new RegExp(`^\\| \`${configPath}\` +\\| \`--${name}\` +\\| \`${value}\` +\\|`, "m"),
      name,
    );
  }
});

Deno.test("the page has the numbers that nobody can set", () => {
  const { tailGrowth, certainty, shortestMs, lastingMs, ofSlowCalls, ofCalls } = THRESHOLDS;
  const rows = [
    [String(tailGrowth.value), "factor by which the share of slow calls"],
    [String(certainty.value), "standard errors"],
    [`${shortestMs.value / 1000} s`, "shortest period"],
    [`${lastingMs.value / 1000} s`, "shortest rise"],
    [`${ofSlowCalls.value * 100} %`, "of the slow calls"],
    [`${ofCalls.value * 100} %`, "of all calls"],
  ];
  for (const [value, meaning] of rows) {
    assert.match(PAGE, new RegExp(`\\| ${value} +\\| ${meaning}`), meaning);
  }
});
