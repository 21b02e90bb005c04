import assert from "node:assert/strict";
import { timeRangeFrom } from "./time_query.ts";

const NOW = 1_800_000_000_000;

function read(query: string) {
  return timeRangeFrom(new URLSearchParams(query), NOW, 60_000);
}

Deno.test("timeRangeFrom() takes a period before now, or one between two times", () => {
  assert.deepEqual(read("last=1m30s"), { clock: "monotonicMs", fromMs: NOW - 90_000 });
  assert.deepEqual(read("from=0"), { fromMs: 0 });
  assert.deepEqual(read("to=1500"), { toMs: 1500 });
  assert.deepEqual(read("from=1970-01-01T00:01Z&to=1970-01-01T00:02:00.5Z"), {
    fromMs: 60_000,
    toMs: 120_500,
  });
});

Deno.test("timeRangeFrom() without a query is the usual period", () => {
  assert.deepEqual(read(""), { clock: "monotonicMs", fromMs: NOW - 60_000 });
});

Deno.test("timeRangeFrom() names what is wrong with a query", () => {
  const wrong = [
    ["last=5", /^last: expected a duration like .*, got "5"$/],
    ["last=", /^last: expected a duration like .*, got ""$/],
    ["last=1m&last=2m", /^last: it is given more than once$/],
    ["last=1m&from=0", /^last: it cannot be combined with from or to$/],
    ["from=2&to=1", /^from: it is later than to$/],
    ["from=yesterday", /^from: expected a time like .*Z, or milliseconds since 1970, got "yesterday"$/],
    ["to=2026-01-31T12:00:00", /^to: expected a time like/],
    ["to=2026-13-31T12:00:00Z", /^to: expected a time like/],
    ["form=1", /^unknown parameter form \(did you mean from\?\): there are last, from and to$/],
    ["__proto__=1", /^unknown parameter __proto__: there are/],
  ] as const;
  for (const [query, message] of wrong) {
    assert.throws(() => read(query), { name: "RangeError", message }, query);
  }
});
