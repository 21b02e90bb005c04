import assert from "node:assert/strict";
import { processId } from "../../syscall/mod.ts";
import { readSmallFile } from "./small_file.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

Deno.test("readSmallFile() reads a file that is small", () => {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, "4096\n");
    assert.equal(readSmallFile(path), "4096\n");
    Deno.writeTextFileSync(path, "");
    assert.equal(readSmallFile(path), "");
    Deno.writeFileSync(path, Uint8Array.of(0xff, 0, 0xfe));
    assert.equal(readSmallFile(path), "\ufffd\0\ufffd");
    Deno.writeTextFileSync(path, "x".repeat(4097));
    assert.equal(readSmallFile(path), undefined);
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("readSmallFile() does not read on where a file does not end", () => {
  assert.equal(readSmallFile("/dev/zero"), undefined);
});

Deno.test("readSmallFile() takes a file that is not there for absent, and a directory for an error", () => {
  assert.equal(readSmallFile("/proc/self/no-such-file"), undefined);
  assert.equal(readSmallFile("/proc/self/stat/below"), undefined);
  assert.throws(() => readSmallFile("/proc/self"), { name: "SyscallError", code: "EISDIR" });
});
