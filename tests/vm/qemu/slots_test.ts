import assert from "node:assert/strict";
import { Slots } from "./slots.ts";

Deno.test("Slots lets as many in as there are places, and the others in turn", async () => {
  const slots = new Slots(2);
  const entered: string[] = [];
  const first = await slots.take();
  using _second = await slots.take();
  const third = slots.take().then((slot) => {
    entered.push("third");
    return slot;
  });
  await Promise.resolve();
  assert.deepEqual(entered, []);
  first[Symbol.dispose]();
  using _third = await third;
  assert.deepEqual(entered, ["third"]);
});
