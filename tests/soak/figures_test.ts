import assert from "node:assert/strict";
import { figuresOf, type Look, problemsIn } from "./figures.ts";

const INTERVAL_MS = 100;

/** A look each second at an agent that does as it should, but for what is changed. */
function looks(change: (look: Look, second: number) => Partial<Look> = () => ({})): Look[] {
  return Array.from({ length: 60 }, (_, second) => {
    const look: Look = {
      atMs: 5000 + 1000 * second,
      collections: 7 + 10 * second,
      residentKb: 50_000,
      descriptors: 40,
      targets: 1 + Math.floor(second / 20),
    };
    return { ...look, ...change(look, second) };
  });
}

function problems(some: readonly Look[], stderr = ""): string[] {
  return problemsIn(figuresOf(some, stderr, INTERVAL_MS));
}

Deno.test("a soak finds nothing wrong with an agent that does as it should", () => {
  assert.deepEqual(problems(looks()), []);
});

Deno.test("a soak finds a resident set that grows, and none that only goes up and down", () => {
  const grown = problems(looks((_, second) => ({ residentKb: 50_000 + 100 * second })));
  assert.deepEqual(grown, ["the resident set has grown by 4000 kB"]);
  assert.deepEqual(problems(looks((_, second) => ({ residentKb: 50_000 + 9_000 * (second % 2) }))), []);
});

Deno.test("a soak finds collections that are missing", () => {
  const some = looks(({ collections }, second) => ({
    collections: second < 30 ? collections : collections - 3,
  }));
  assert.match(problems(some).join(), /^[23] collections are missing$/);
});

Deno.test("a soak finds a descriptor that each target leaves behind, not one that is open for a moment", () => {
  const left = problems(looks(({ targets }) => ({ descriptors: 40 + targets })));
  assert.deepEqual(left, ["descriptors: 41, 42, 43"]);
  assert.deepEqual(problems(looks((_, second) => ({ descriptors: 40 + (second % 5 === 0 ? 3 : 0) }))), []);
});

Deno.test("a soak finds what the log complains about beside the target's end", () => {
  const stderr = [
    "2026-01-01T00:00:00.000Z INFO  Watching the target mode=full",
    '2026-01-01T00:00:01.000Z WARN  Target ended; history kept, waiting for it to return reason="its process has ended"',
    "2026-01-01T00:00:02.000Z ERROR A module failed module=iomonitor",
  ].join("\n");
  assert.deepEqual(problems(looks(), stderr), [
    "the log says: 2026-01-01T00:00:02.000Z ERROR A module failed module=iomonitor",
  ]);
});
