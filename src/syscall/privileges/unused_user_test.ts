import assert from "node:assert/strict";
import { processId } from "../processes/process.ts";
import { unusedUser, usedIds } from "./unused_user.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const EVERY_ID = "         0          0 4294967295\n";
const none = () => new Set<number>();
const unexpected = () => assert.fail("looked for ids that are taken");
const lowest = () => 0;
const highest = () => 1 - Number.EPSILON;

Deno.test("unusedUser() draws from what systemd names unused, 0x70000000 to 0x7ffdffff, without a look at /proc", () => {
  assert.equal(unusedUser(EVERY_ID, unexpected, lowest), 0x7000_0000);
  assert.equal(unusedUser(EVERY_ID, unexpected, highest), 0x7ffd_ffff);
});

Deno.test("unusedUser() draws another one each time", () => {
  const drawn = Array.from({ length: 100 }, () => unusedUser(EVERY_ID, unexpected));
  assert.ok(new Set(drawn).size > 90);
});

Deno.test("unusedUser() stays within a user namespace of 65,536 ids, and its unused ones", () => {
  const map = "0 100000 65536\n";
  assert.equal(unusedUser(map, none, lowest), 60_706);
  assert.equal(unusedUser(map, none, highest), 61_183);
});

Deno.test("unusedUser() takes an id of a small namespace that no process and no user has", () => {
  const map = "         0       1000          1\n         1     100000         10\n";
  const taken = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(unusedUser(map, () => taken), 10);
});

Deno.test("unusedUser() gives none where the namespace has none", () => {
  assert.equal(unusedUser("0 1000 1\n", () => new Set([0])), undefined);
  assert.equal(unusedUser("0 0 4\n", () => new Set([0, 1, 2, 3])), undefined);
});

Deno.test("usedIds() has those of processes and of the list of users", async () => {
  // Every machine has the users root and nobody.
  const ids = usedIds();
  assert.ok(ids.has(0) && ids.has(65_534) && ids.has(Deno.uid()!));
  const users = await Deno.readTextFile("/etc/passwd");
  for (const line of users.trim().split("\n")) assert.ok(ids.has(Number(line.split(":")[2])), line);
});
