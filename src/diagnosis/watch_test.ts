import assert from "node:assert/strict";
import { readingsOf } from "./readings/reading.ts";
import { repeat, type Second, windowOf, type WindowSettings } from "./testing_window.ts";
import { type IncidentEvent, Watch } from "./watch.ts";

const QUIET: Second = { pread: { 1: 300, 2: 190, 3: 10 } };
const SLOW = { 1: 270, 2: 171, 3: 9, 13: 50 };
const COLD: Second = { pread: SLOW, events: { adds: 60, addedPages: 60, misses: 50 } };
const SHORT: Second = {
  pread: SLOW,
  events: { memcg: 9, scanned: 900, reclaimed: 800, deletes: 800, addedPages: 60 },
};

interface Happened {
  readonly second: number;
  readonly event: IncidentEvent;
}

/** What a watch says, and in which second. */
function follow(seconds: readonly Second[], settings?: WindowSettings, watch = new Watch()): Happened[] {
  return readingsOf([windowOf(seconds, settings)]).flatMap((reading, second) => {
    const event = watch.add(reading);
    return event === undefined ? [] : [{ second, event }];
  });
}

function kinds(happened: readonly Happened[]): string[] {
  return happened.map(({ event }) =>
    event.kind === "ends" ? "ends" : `${event.kind} ${event.explanation.workload}`
  );
}

Deno.test("Watch says once that an incident begins, and once that it has ended", () => {
  const happened = follow([...repeat(300, QUIET), ...repeat(200, COLD), ...repeat(300, QUIET)]);
  assert.deepEqual(kinds(happened), ["begins W4", "ends"]);
  const [begin, end] = happened;
  assert.ok(begin!.second >= 310 && begin!.second <= 320, `begins at ${begin!.second}`);
  assert.ok(end!.second >= 530 && end!.second <= 560, `ends at ${end!.second}`);
  assert(begin!.event.kind === "begins" && end!.event.kind === "ends");
  const slow = (end!.event.untilMs - 1_700_000_000_000) / 1000;
  assert.ok(slow >= 500 && slow <= 510, `was slow until ${slow}`);
  assert.equal(begin!.event.explanation.since, new Date(1_700_000_300_000).toISOString());
});

Deno.test("Watch says when an incident has another cause, not in every slot", () => {
  const happened = follow([...repeat(300, QUIET), ...repeat(120, COLD), ...repeat(200, SHORT)]);
  assert.deepEqual(kinds(happened), ["begins W4", "changes W5"]);
  assert(happened[1]!.event.kind === "changes");
  assert.equal(happened[1]!.event.from, "W4");
  assert.equal(happened[1]!.event.explanation.since, new Date(1_700_000_300_000).toISOString());
});

Deno.test("Watch does not flap when slow and fast take turns", () => {
  const turns = Array.from({ length: 20 }, (_, turn) => repeat(15, turn % 2 === 0 ? COLD : QUIET)).flat();
  assert.deepEqual(kinds(follow([...repeat(300, QUIET), ...turns, ...repeat(120, QUIET)])), [
    "begins W4",
    "ends",
  ]);
  const causes = Array.from({ length: 20 }, (_, turn) => repeat(15, turn % 2 === 0 ? COLD : SHORT)).flat();
  const changes = kinds(follow([...repeat(300, QUIET), ...causes])).filter((kind) =>
    kind.startsWith("changes")
  );
  assert.ok(changes.length <= 1, changes.join());
});

Deno.test("Watch notices a second incident, and judges it by what was usual before the first", () => {
  const once = [...repeat(200, COLD), ...repeat(300, QUIET)];
  assert.deepEqual(kinds(follow([...repeat(300, QUIET), ...once, ...once])), [
    "begins W4",
    "ends",
    "begins W4",
    "ends",
  ]);
});

Deno.test("Watch says nothing of quiet, of pressure alone, and of a hiccup", () => {
  const pressed: Second = { ...QUIET, events: SHORT.events! };
  assert.deepEqual(follow([...repeat(900, QUIET), ...repeat(900, pressed)]), []);
  assert.deepEqual(follow([...repeat(300, QUIET), { pread: { 13: 500 } }, ...repeat(300, QUIET)]), []);
});

Deno.test("Watch takes for usual what has lasted for an hour", () => {
  const happened = follow([...repeat(300, QUIET), ...repeat(7500, COLD)]);
  assert.deepEqual(kinds(happened), ["begins W4", "ends"]);
  assert(happened[1]!.event.kind === "ends");
  assert.match(happened[1]!.event.why, /usual/);
});

Deno.test("Watch forgets what belonged to another container", () => {
  const watch = new Watch();
  assert.deepEqual(kinds(follow([...repeat(300, QUIET), ...repeat(60, COLD)], {}, watch)), ["begins W4"]);
  const settings = { cgroup: "/other", startMs: 1_700_000_400_000 };
  const happened = follow(repeat(300, COLD), settings, watch);
  assert.deepEqual(kinds(happened), ["ends"]);
  assert(happened[0]!.event.kind === "ends");
  assert.match(happened[0]!.event.why, /another container/);
});

Deno.test("Watch says the same when the wall clock is set, and names times by the new clock", () => {
  for (const startMs of [1_700_003_900_000, 1_699_996_700_000]) {
    const watch = new Watch();
    follow(repeat(300, QUIET), {}, watch);
    const settings = { startMs, monotonicMs: 1_700_000_300_000 };
    const happened = follow([...repeat(300, QUIET), ...repeat(60, COLD)], settings, watch);
    assert.deepEqual(kinds(happened), ["begins W4"]);
    assert(happened[0]!.event.kind === "begins");
    assert.ok(happened[0]!.second >= 310 && happened[0]!.second <= 320, `begins at ${happened[0]!.second}`);
    assert.equal(happened[0]!.event.explanation.since, new Date(startMs + 300_000).toISOString());
  }
});

Deno.test("Watch.explain() tells what goes on at any time", () => {
  const watch = new Watch();
  assert.equal(watch.explain().workload, "not enough data");
  follow(repeat(300, QUIET), {}, watch);
  assert.equal(watch.explain().workload, "no change");
  follow(repeat(120, { ...QUIET, events: SHORT.events! }), { startMs: 1_700_000_300_000 }, watch);
  assert.deepEqual([watch.explain().workload, watch.explain().incident], ["W2", false]);
});

Deno.test("Watch looks at no more than a collection in five seconds", () => {
  const watch = new Watch();
  const [first, second, ...rest] = readingsOf([windowOf(repeat(10, QUIET))]);
  assert.equal(watch.isDue(first!.monotonicMs), true);
  watch.add(first!);
  assert.equal(watch.isDue(second!.monotonicMs), false);
  assert.equal(watch.isDue(rest[3]!.monotonicMs), true);
});

Deno.test("Watch goes on when the target ends and comes back in its cgroup", () => {
  const pids = Array.from({ length: 800 }, (_, second) => second < 350 ? "1" : second < 380 ? "" : "2");
  const happened = follow([...repeat(300, QUIET), ...repeat(200, COLD), ...repeat(300, QUIET)], { pids });
  assert.deepEqual(kinds(happened), ["begins W4", "ends"]);
});

Deno.test("Watch tells the end of an incident of a target that reads seldom, but not when it has stopped", () => {
  const seldom: Second = { pread: { 2: 4 } };
  const slow: Second = { pread: { 2: 2, 14: 2 } };
  const incident = [...repeat(600, seldom), ...repeat(120, slow)];
  assert.deepEqual(kinds(follow([...incident, ...repeat(200, seldom)])), ["begins unexplained", "ends"]);
  assert.deepEqual(kinds(follow([...incident, ...repeat(200, {})])), ["begins unexplained"]);
});
