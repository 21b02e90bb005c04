import assert from "node:assert/strict";
import { Budget } from "./budget.ts";

Deno.test("Budget counts a body once for all that share it, until the last has given it back", () => {
  const budget = new Budget(100);
  const window = new Uint8Array(80);
  const readers = [1, 2, 3].map(() => budget.take(window));
  assert.ok(readers.every((room) => room !== undefined));
  assert.equal(budget.held, 80);
  assert.equal(budget.take(new Uint8Array(21)), undefined);
  readers[0]![Symbol.dispose]();
  readers[1]![Symbol.dispose]();
  assert.equal(budget.held, 80);
  readers[2]![Symbol.dispose]();
  assert.equal(budget.held, 0);
  assert.ok(budget.take(new Uint8Array(21)));
});

Deno.test("Budget has room for bytes that are yet to be made, up to its limit", () => {
  const budget = new Budget(100);
  const room = budget.take(60);
  assert.equal(budget.take(41), undefined);
  assert.ok(budget.take(40));
  room?.[Symbol.dispose]();
  assert.equal(budget.held, 40);
});
