import assert from "node:assert/strict";
import { explainWindows } from "./explain.ts";
import { repeat, windowOf } from "./testing_window.ts";
import { formatExplanation } from "./text.ts";

const QUIET = { pread: { 1: 300, 2: 190, 3: 10 } };
const EVICTED = {
  pread: { 1: 270, 2: 171, 3: 9, 13: 50 },
  events: { dontneed: 4, deletes: 60, adds: 60, addedPages: 60, misses: 50 },
};

Deno.test("formatExplanation() says what happened, why, what was not seen, and what to do", () => {
  const window = windowOf([...repeat(30, QUIET), ...repeat(30, EVICTED)], { inexact: ["fadvise"] });
  const text = formatExplanation(explainWindows([window]));
  for (
    const line of [
      /^INCIDENT: W3, aggressive eviction$/m,
      /^Reads have become slower since 2023-11-14T22:13:50.000Z: p95 of pread went from 4 \u00b5s to 8.19 ms$/m,
      /^ {2}- fadvise calls with DONTNEED went from 0\/s to 4\/s$/m,
      /^ {2}- no pages scanned for reclaim$/m,
      /^ {2}- Evict less: /m,
      /^Confidence: medium$/m,
      /^ {2}- only approximations: the probes fadvise$/m,
      /^ {2}- before: .*, \d+ s, \d+ reads$/m,
      /^ {2}- W6, /m,
    ]
  ) assert.match(text, line);
  assert.match(text, /[^\n]\n$/);
  assert.doesNotMatch(text, /undefined|NaN|null/);
});

Deno.test("formatExplanation() of no incident begins with that", () => {
  const text = formatExplanation(explainWindows([windowOf(repeat(60, QUIET))]));
  assert.match(
    text,
    /^No incident: no change\n\nReads have not become slower: p99 of all reads stayed at 8 \u00b5s\n/,
  );
  assert.match(formatExplanation(explainWindows([])), /^No incident: not enough data\n/);
});
