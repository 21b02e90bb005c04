import assert from "node:assert/strict";
import { type Action, type Event, type Phase, TRANSITIONS } from "./lifecycle.ts";

/** A life as the table has it: phases, and the actions on the way. */
function live(events: readonly Event[]): { phases: Phase[]; actions: Action[] } {
  const phases: Phase[] = ["waiting"];
  const actions: Action[] = [];
  for (const event of events) {
    const transition = TRANSITIONS[phases.at(-1)!][event];
    phases.push(transition?.to ?? phases.at(-1)!);
    actions.push(...transition?.actions ?? []);
  }
  return { phases: phases.slice(1), actions };
}

const EVENTS: readonly Event[] = [
  "found",
  "found-elsewhere",
  "ended",
  "removed",
  "damaged",
  "refused",
  "stopped",
];

Deno.test("a target that comes back in its cgroup goes on being counted by the same programs", () => {
  const { phases, actions } = live(["found", "ended", "found", "ended", "found"]);
  assert.deepEqual(phases, ["active", "lost", "active", "lost", "active"]);
  assert.deepEqual(actions, ["attach", "reprogram", "reprogram"]);
});

Deno.test("counters of another container start from zero", () => {
  for (const way of [["ended", "found-elsewhere"], ["removed", "found"], ["found-elsewhere"]] as const) {
    const { phases, actions } = live(["found", ...way]);
    assert.equal(phases.at(-1), "active");
    assert.deepEqual(actions, ["attach", "detach", "restart", "attach"], way.join());
  }
});

Deno.test("a damaged filter is repaired whether the target is there or not", () => {
  assert.deepEqual(live(["found", "damaged", "ended", "damaged"]).actions, ["attach", "repair", "repair"]);
});

Deno.test("nothing happens any more once the kernel has refused", () => {
  for (const before of [[], ["found"], ["found", "ended"]] as const) {
    const { phases, actions } = live([...before, "refused", ...EVENTS]);
    assert.ok(phases.slice(before.length).every((phase) => phase === "disabled"));
    assert.equal(actions.at(-1), "detach");
  }
});

Deno.test("a life ends before another begins, in any order of events", () => {
  const open: { phase: Phase; isAlive: boolean; depth: number }[] = [{
    phase: "waiting",
    isAlive: false,
    depth: 0,
  }];
  for (const { phase, isAlive, depth } of open) {
    assert.equal(isAlive, phase === "active");
    if (depth === 5) continue;
    for (const event of EVENTS) {
      const { to, life } = TRANSITIONS[phase][event] ?? {};
      if (to === undefined) continue;
      if (life?.startsWith("ends")) assert.equal(isAlive, true, `${phase} ${event}`);
      // More may become known of the target that is watched.
      if (life === "begins" && isAlive) assert.equal(event, "found");
      const after = life === undefined ? isAlive : life !== "ends";
      open.push({ phase: to, isAlive: after, depth: depth + 1 });
    }
  }
});

Deno.test("programs are attached only while there is a target, or one that may come back, in any order of events", () => {
  const open: { phase: Phase; attached: boolean; depth: number }[] = [{
    phase: "waiting",
    attached: false,
    depth: 0,
  }];
  for (const { phase, attached, depth } of open) {
    assert.equal(attached, phase === "active" || phase === "lost");
    if (depth === 5) continue;
    for (const event of EVENTS) {
      const transition = TRANSITIONS[phase][event];
      if (transition === undefined) continue;
      const after = transition.actions.reduce((now, action) => {
        // Attaching twice would count twice; what is not attached can be neither repaired nor reprogrammed.
        if (action === "attach") assert.equal(now, false, `${phase} ${event}`);
        if (action === "repair" || action === "reprogram") assert.equal(now, true, `${phase} ${event}`);
        return action === "attach" || (action !== "detach" && now);
      }, attached);
      open.push({ phase: transition.to, attached: after, depth: depth + 1 });
    }
  }
});
