import assert from "node:assert/strict";
import type { LogEntry } from "./format.ts";
import { LogLimit } from "./limit.ts";

function entry(message: string, round: number, level: LogEntry["level"] = "warn"): LogEntry {
  return { time: new Date(0), level, message, properties: { round } };
}

Deno.test("LogLimit lets ten entries of a message pass, and one a minute after that", () => {
  const written: LogEntry[] = [];
  const limit = new LogLimit((entry) => written.push(entry));
  // Three changes a second for an hour.
  for (let round = 0; round < 3 * 3600; round++) limit.take(entry("flaps", round), round * 1000 / 3);
  assert.ok(written.length >= 10 + 58 && written.length <= 10 + 60, `${written.length} lines`);
  assert.deepEqual(written[9]!.properties, { round: 9 });
  const later = written[11]!.properties;
  assert.equal(later["similar_lines_left_out"], 179);
});

Deno.test("LogLimit writes the newest of those held back, so that the last line is true", () => {
  const written: LogEntry[] = [];
  const limit = new LogLimit((entry) => written.push(entry));
  for (let round = 0; round < 15; round++) limit.take(entry("flaps", round), 0);
  assert.equal(written.length, 10);
  assert.equal(limit.isHolding, true);
  limit.release(60_000);
  assert.deepEqual(written.at(-1)!.properties, { round: 14, similar_lines_left_out: 4 });
  assert.equal(limit.isHolding, false);
});

Deno.test("LogLimit knows messages and levels apart, and forgets what has come to rest", () => {
  const written: LogEntry[] = [];
  const limit = new LogLimit((entry) => written.push(entry));
  for (let round = 0; round < 20; round++) {
    limit.take(entry("one", round), 0);
    limit.take(entry("two", round), 0);
    limit.take(entry("two", round, "info"), 0);
  }
  assert.equal(written.length, 30);
  // The entry that is held back takes a minute of the ten.
  limit.release(60_000);
  for (let round = 0; round < 10; round++) limit.take(entry("one", round), 12 * 60_000);
  assert.equal(written.filter(({ message }) => message === "one").length, 10 + 1 + 10);
});

Deno.test("LogLimit holds nothing back at the end", () => {
  const written: LogEntry[] = [];
  const limit = new LogLimit((entry) => written.push(entry));
  for (let round = 0; round < 11; round++) limit.take(entry("flaps", round), 0);
  limit.end();
  assert.deepEqual(written.at(-1)!.properties, { round: 10 });
  assert.equal(written.length, 11);
});
