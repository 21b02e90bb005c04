import assert from "node:assert/strict";
import { formatRow, supportHead, supportRow, updateTable } from "./support_table.ts";

const CHECK = JSON.stringify({
  findings: [
    { name: "kernel", level: "ok", detail: "6.1" },
    { name: "probe a", level: "ok", detail: "fentry, exact" },
    { name: "probe b", level: "note", detail: "kprobe, not exact; tp_btf: Cannot load" },
    { name: "probe c", level: "degraded", detail: "no strategy works: tp_btf: Cannot load" },
  ],
});
const DOCUMENT = "Text\n\n<!-- made by deno task test:vm --update -->\n\n" +
  "| kernel | `a` |\n| --- | --- |\n| 5.10 amd64 | old |\n| 6.12 amd64 | kept |\n\n<!-- end -->\n";

Deno.test("supportRow() names the strategy of each probe, and says where it is not exact or there is none", () => {
  assert.equal(formatRow(supportRow("6.1 amd64", CHECK)), "| 6.1 amd64 | fentry | kprobe (not exact) | - |");
});

Deno.test("updateTable() replaces the rows of the same kernels, keeps the others, and sorts by version", () => {
  const rows = [supportRow("6.1 amd64", CHECK), { kernel: "5.10 amd64", cells: ["new"] }];
  const lines = updateTable(DOCUMENT, supportHead(CHECK), rows).split("\n");
  assert.deepEqual(lines.slice(4, -3), [
    "| kernel | `a` | `b` | `c` |",
    "| --- | --- | --- | --- |",
    "| 5.10 amd64 | new |",
    "| 6.1 amd64 | fentry | kprobe (not exact) | - |",
    "| 6.12 amd64 | kept |",
  ]);
});

Deno.test("updateTable() refuses a document without the table's marks", () => {
  assert.throws(() => updateTable("Text", "", []), { name: "SyntaxError" });
});
