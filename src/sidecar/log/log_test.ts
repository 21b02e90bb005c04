import assert from "node:assert/strict";
import {
  answerLog,
  configureLogging,
  divertLog,
  endLog,
  log,
  type LogSettings,
  releaseHeldLines,
  replaceLogOutput,
} from "./log.ts";
import type { LogOutput } from "./output.ts";

function outputInto(lines: string[]): LogOutput {
  return { dropped: 0, open: () => {}, write: (line) => lines.push(line), end: () => Promise.resolve() };
}

/** The lines that go to standard error under these settings when each level has something to say. */
function linesUnder(settings: LogSettings): string[] {
  const lines: string[] = [];
  using _output = replaceLogOutput(outputInto(lines));
  configureLogging(settings);
  log.debug("one");
  log.info("two", { key: "value" });
  log.warn("three");
  log.error("four");
  void endLog();
  return lines;
}

Deno.test("log writes the level that is set and all above it", () => {
  const counts = { debug: 4, info: 3, warn: 2, error: 1 } as const;
  for (const [level, count] of Object.entries(counts)) {
    const lines = linesUnder({ level: level as keyof typeof counts, format: "text" });
    assert.equal(lines.length, count);
    assert.match(lines.at(-1)!, / ERROR four$/);
  }
});

Deno.test("log writes JSON lines where that is set", () => {
  const entries = linesUnder({ level: "info", format: "json" }).map((line) => JSON.parse(line));
  assert.deepEqual(entries.map(({ level }) => level), ["info", "warn", "error"]);
  assert.equal(entries[0].key, "value");
});

Deno.test("divertLog() hands entries over in place of writing them, until it is disposed", () => {
  const messages: string[] = [];
  const written: LogSettings = { level: "warn", format: "text" };
  {
    using _diverted = divertLog(({ message }) => messages.push(message));
    assert.deepEqual(linesUnder(written), []);
  }
  assert.deepEqual(messages, ["three", "four"]);
  assert.equal(linesUnder(written).length, 2);
});

Deno.test("log writes a message whose properties cannot be shown", () => {
  const lines: string[] = [];
  using _output = replaceLogOutput(outputInto(lines));
  configureLogging({ level: "info", format: "json" });
  const circle: Record<string, unknown> = {};
  circle["circle"] = circle;
  log.info("one", circle);
  void endLog();
  assert.equal(JSON.parse(lines[0]!).message, "one");
});

Deno.test("answerLog holds no line back, however often it says the same", () => {
  const lines: string[] = [];
  using _output = replaceLogOutput(outputInto(lines));
  configureLogging({ level: "info", format: "text" });
  for (let round = 0; round < 15; round++) answerLog.error("Cannot reload", { round });
  assert.match(lines.at(-1)!, /Cannot reload round=14$/);
  assert.equal(lines.length, 15);
  // Lines about the same that are no answers are bounded as before.
  for (let round = 0; round < 15; round++) log.error("Cannot reload", { round });
  assert.equal(lines.length, 15 + 10);
  void endLog();
});

Deno.test("releaseHeldLines() writes what is held back before the next line", () => {
  const lines: string[] = [];
  using _output = replaceLogOutput(outputInto(lines));
  configureLogging({ level: "info", format: "text" });
  for (let round = 0; round < 12; round++) log.warn("flaps", { round });
  releaseHeldLines();
  log.info("ktm has stopped");
  assert.match(lines.at(-2)!, /flaps round=11 similar_lines_left_out=1$/);
  assert.match(lines.at(-1)!, /ktm has stopped$/);
  void endLog();
});
