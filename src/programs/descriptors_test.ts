import assert from "node:assert/strict";
import { mostFilesOf } from "./descriptors.ts";
import { probe } from "./probe.ts";

Deno.test("mostFilesOf() counts the strategy of each probe that has most files open", () => {
  assert.equal(mostFilesOf([]), 0);
  // A program and a link for each of two, or an event more for one.
  const two = probe("two", { fentry: ["exit", "entry"], kprobe: ["entry_by_kprobe"] });
  assert.equal(mostFilesOf([two]), 4);
  assert.equal(mostFilesOf([two, probe("one", { tp_btf: ["one"], tracepoint: ["one_by_record"] })]), 7);
});
