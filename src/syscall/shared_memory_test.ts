import assert from "node:assert/strict";
import { openFile } from "./files/file.ts";
import { wholeLibc } from "./libc.ts";
import { SharedMemory } from "./shared_memory.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
wholeLibc();

/** `O_RDWR`. Source: `include/uapi/asm-generic/fcntl.h`. */
const READ_WRITE = 2;

/** Has a file of ten bytes tested. */
function withFile(test: (path: string) => void): void {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, "0123456789");
    test(path);
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test("SharedMemory reads and writes some bytes of a file, and leaves the others alone", () =>
  withFile((path) => {
    using fd = openFile(path, READ_WRITE);
    using memory = new SharedMemory(fd, { length: 10, isWritten: true }, path);
    memory.write(3, new TextEncoder().encode("abc"));
    assert.equal(Deno.readTextFileSync(path), "012abc6789");
    Deno.writeTextFileSync(path, "0123x56789");
    assert.equal(new TextDecoder().decode(memory.read(2, 4)), "23x5");
  }));

Deno.test("SharedMemory touches nothing outside of its bytes, and nothing when it is closed", () =>
  withFile((path) => {
    using fd = openFile(path, READ_WRITE);
    const memory = new SharedMemory(fd, { length: 10, isWritten: true }, path);
    for (const [offset, length] of [[-1, 1], [10, 1], [4, 7]] as const) {
      assert.throws(() => memory.read(offset, length), { name: "RangeError" });
      assert.throws(() => memory.write(offset, new Uint8Array(length)), { name: "RangeError" });
    }
    assert.equal(Deno.readTextFileSync("/proc/self/maps").includes(path), true);
    memory.close();
    memory.close();
    assert.equal(Deno.readTextFileSync("/proc/self/maps").includes(path), false);
    const closed = { message: `Cannot use ${path}: it is closed` };
    assert.throws(() => memory.read(0, 1), closed);
    assert.throws(() => memory.write(0, new Uint8Array(1)), closed);
  }));

Deno.test("SharedMemory names a file that may only be read", () =>
  withFile((path) => {
    using fd = openFile(path);
    assert.throws(() => new SharedMemory(fd, { length: 10, isWritten: true }, path), {
      name: "SyscallError",
      message: `Cannot share the memory of ${path}: Permission denied (mmap: EACCES)`,
    });
  }));
