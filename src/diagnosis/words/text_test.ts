import assert from "node:assert/strict";
import { explainRecording, explainWindows } from "../explain.ts";
import { repeat, windowOf } from "../testing_window.ts";
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
  const short = formatExplanation(explainWindows([]));
  assert.match(short, /^No incident: not enough data\n/);
  assert.equal(short.match(/too few reads/g)?.length, 1, "said once");
});

Deno.test("formatExplanation() begins with the end of the target, and names earlier ones", () => {
  const at = (second: number) => ({ timeMs: 1_700_000_000_000 + second * 1000, monotonicMs: 0 });
  const life = (number: number, second: number) => ({
    number,
    target: { comm: "banyand", pid: number },
    begin: { ...at(second - 90), monotonicMs: 1_700_000_000_000 + (second - 90) * 1000 },
    end: { ...at(second), monotonicMs: 1_700_000_000_000 + second * 1000, how: "signal", signal: 9 } as const,
  });
  const text = formatExplanation(explainRecording({
    lives: [life(1, 20), life(2, 60)],
    windows: [{ ...windowOf(repeat(60, QUIET)), life: 2 }],
  }));
  assert.equal(
    text.slice(0, text.indexOf("Reads have")),
    [
      "TARGET ENDED: banyand (process 2) killed by SIGKILL at 2023-11-14T22:14:20.000Z, after 1.5 min under watch",
      "Collections kept: 61; the last one is from the end itself.",
      "",
      "Earlier ends in this period: 1",
      "  - banyand (process 1) killed by SIGKILL at 2023-11-14T22:13:40.000Z, after 1.5 min under watch",
      "",
      "Reads before the end: no change",
      "",
      "",
    ].join("\n"),
  );
});
