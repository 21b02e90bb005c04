import assert from "node:assert/strict";
import { formatJson, formatText, type LogEntry } from "./format.ts";

const TIME = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6));

function entry(properties: LogEntry["properties"], message = "target found"): LogEntry {
  return { time: TIME, level: "info", message, properties };
}

Deno.test("formatText() writes time, level, message and properties in one line", () => {
  const line = formatText(entry({ pid: 42, comm: "banyand", cgroup: 12345678901234567890n }));
  assert.equal(
    line,
    "2026-01-02T03:04:05.006Z INFO  target found pid=42 comm=banyand cgroup=12345678901234567890",
  );
});

Deno.test("formatText() quotes what would not read as one word", () => {
  const line = formatText(entry({ a: "x y", b: "", c: 'say "hi"', d: "k=v", e: "two\nlines", f: ["a b"] }));
  assert(line.endsWith(`a="x y" b="" c="say \\"hi\\"" d="k=v" e="two\\nlines" f=["a b"]`), line);
});

Deno.test("formatText() keeps a message with line breaks and escape sequences in one line", () => {
  const line = formatText(entry({}, "first\nsecond\u001b[31m"));
  assert(line.endsWith("first\\nsecond\\u001b[31m"), line);
});

Deno.test("formatText() leaves out undefined and writes an error's message", () => {
  const line = formatText(entry({ absent: undefined, error: new Error("Cannot open x") }));
  assert(line.endsWith(`target found error="Cannot open x"`), line);
});

Deno.test("formatJson() writes an object with time, level, message and properties", () => {
  const line = formatJson(entry({ pid: 42, id: 2n ** 64n - 1n, error: new Error("why"), list: [1n] }));
  assert(!line.includes("\n"));
  assert.deepEqual(JSON.parse(line), {
    time: TIME.toISOString(),
    level: "info",
    message: "target found",
    pid: 42,
    id: "18446744073709551615",
    error: "why",
    list: ["1"],
  });
});

Deno.test("formatJson() keeps its own keys against properties of the same name", () => {
  const parsed = JSON.parse(formatJson(entry({ level: "loud", message: "other", time: 0 })));
  assert.deepEqual(parsed, { time: TIME.toISOString(), level: "info", message: "target found" });
});
