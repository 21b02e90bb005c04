import assert from "node:assert/strict";
import { FileDescriptor } from "./fd.ts";
import { openFile } from "./files/file.ts";
import { processId } from "./processes/process.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

function isOpen(fd: number): boolean {
  try {
    return Deno.lstatSync(`/proc/self/fd/${fd}`) !== undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("using closes a descriptor at the end of the block, and after an error", () => {
  let number = -1;
  assert.throws(() => {
    using fd = openFile("/proc/self/comm");
    number = fd.number;
    assert.equal(isOpen(number), true);
    throw new Error("left early");
  }, /left early/);
  assert.equal(isOpen(number), false);
});

Deno.test("close() closes once: the number may belong to somebody else by then", () => {
  const first = openFile("/proc/self/comm");
  const { number } = first;
  first.close();
  using second = openFile("/proc/self/stat");
  assert.equal(second.number, number);
  first.close();
  assert.equal(isOpen(number), true);
});

Deno.test("a closed descriptor has no number, and says what it was", () => {
  const fd = new FileDescriptor(openFile("/proc/self/comm").number);
  assert.equal(fd.isClosed, false);
  fd.close();
  assert.equal(fd.isClosed, true);
  assert.throws(() => fd.number, { message: "Cannot use a file descriptor: it is closed" });
  assert.throws(() => new FileDescriptor(-1, "map m").number, { message: "Cannot use map m: it is closed" });
});
