import assert from "node:assert/strict";
import { Errno, isErrno } from "../errno.ts";
import { processId } from "../processes/process.ts";
import { descriptorStat, linkStat, stat } from "./file.ts";
import { effectiveUser, lock, openHeld, readAt, reserve, resize, writeAt } from "./held_file.ts";

// Opens all of libc: tests watch resources.
processId();

async function temporaryDirectory(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("openHeld() makes a file for its owner alone, and opens it again with what is in it", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/held`;
  for (const isThere of [false, true]) {
    using fd = openHeld(path);
    const { permissions, kind, owner, links } = descriptorStat(fd.number, path);
    assert.deepEqual([permissions, kind, owner, links], [0o600, "regular file", effectiveUser(), 1]);
    const buffer = new Uint8Array(3);
    assert.equal(readAt(fd, buffer, 5, path), isThere ? 3 : 0);
    assert.deepEqual([...buffer], isThere ? [1, 2, 3] : [0, 0, 0]);
    writeAt(fd, new Uint8Array([1, 2, 3]), 5, path);
  }
  assert.deepEqual(await Deno.readFile(path), new Uint8Array([0, 0, 0, 0, 0, 1, 2, 3]));
});

Deno.test("openHeld() follows no symbolic link, and no pipe makes it wait", async () => {
  await using directory = await temporaryDirectory();
  const path = (name: string) => `${directory.path}/${name}`;
  await Deno.symlink(path("target"), path("link"));
  assert.throws(() => openHeld(path("link")), (error) => isErrno(error, Errno.ELOOP));
  await assert.rejects(Deno.lstat(path("target")), Deno.errors.NotFound);
  assert.equal(linkStat(path("link")).kind, "symbolic link");
  await new Deno.Command("mkfifo", { args: [path("pipe")] }).output();
  using fd = openHeld(path("pipe"));
  assert.equal(descriptorStat(fd.number, "pipe").kind, "pipe");
});

Deno.test("resize() and reserve() give a file its size, of zeros", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/held`;
  using fd = openHeld(path);
  writeAt(fd, new Uint8Array(9000).fill(7), 0, path);
  resize(fd, 10, path);
  resize(fd, 100_000, path);
  reserve(fd, 100_000, path);
  const { size } = stat(path);
  assert.equal(size, 100_000n);
  const bytes = await Deno.readFile(path);
  assert.deepEqual(bytes.subarray(0, 10), new Uint8Array(10).fill(7));
  assert.ok(bytes.subarray(10).every((byte) => byte === 0));
});

Deno.test("writeAt() and readAt() name what they do when they fail", () => {
  using fd = openHeld("/dev/full");
  assert.throws(
    () => writeAt(fd, new Uint8Array(1), 0, "the device"),
    /Cannot write the device: No space left/,
  );
  using closed = openHeld("/dev/null");
  closed.close();
  assert.throws(() => readAt(closed, new Uint8Array(1), 0, "nothing"), /it is closed/);
});

Deno.test("lock() gives a file to one holder, until that closes it", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/held`;
  using second = openHeld(path);
  {
    using first = openHeld(path);
    assert.equal(lock(first, path), true);
    assert.equal(lock(second, path), false);
  }
  assert.equal(lock(second, path), true);
});
