import assert from "node:assert/strict";
import { Errno } from "../errno.ts";
import { processId } from "../processes/process.ts";
import {
  copyMapped,
  fileSystemMagic,
  FsMagic,
  makeDirectory,
  openFile,
  OpenFlag,
  readDirectory,
  readFile,
  readInto,
  readLink,
  readTextFile,
  removeDirectory,
  removeFile,
  stat,
  writeAll,
  writeTextFile,
} from "./file.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** Runs a test in a directory of its own. */
function inDirectory(name: string, body: (directory: string) => void): void {
  Deno.test(name, () => {
    const directory = Deno.makeTempDirSync();
    try {
      body(directory);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  });
}

inDirectory("readFile() gives what Deno gives, for sizes around those of its buffer", (directory) => {
  const path = `${directory}/file`;
  for (const size of [0, 1, 4095, 4096, 4097, 16384, 16385, 100_000]) {
    const bytes = new Uint8Array(size).map((_, index) => index * 7);
    Deno.writeFileSync(path, bytes);
    assert.deepEqual(readFile(path), bytes, `${size} bytes`);
  }
});

Deno.test("readFile() reads files whose size reads as zero", () => {
  assert.equal(readTextFile("/proc/self/cmdline"), Deno.readTextFileSync("/proc/self/cmdline"));
  assert.equal(stat("/proc/self/cmdline").size, 0n);
});

inDirectory("readTextFile() replaces invalid UTF-8 and passes names beyond ASCII on", (directory) => {
  const path = `${directory}/\u00fcml\u00e4ut`;
  Deno.writeFileSync(path, Uint8Array.of(0x61, 0xff, 0x62));
  assert.equal(readTextFile(path), "a\ufffdb");
});

inDirectory("openFile() and the rest name path and reason when they fail", (directory) => {
  const missing = `${directory}/missing`;
  const enoent = (action: string, syscall: string) => ({
    name: "SyscallError",
    errno: Errno.ENOENT,
    message: `Cannot ${action}: No such file or directory (${syscall}: ENOENT)`,
  });
  assert.throws(() => openFile(missing), enoent(`open ${missing}`, "open"));
  assert.throws(() => readLink(missing), enoent(`read link ${missing}`, "readlink"));
  assert.throws(() => stat(missing), enoent(`stat ${missing}`, "statx"));
  assert.throws(() => fileSystemMagic(missing), enoent(`statfs ${missing}`, "statfs"));
  assert.throws(() => removeFile(missing), enoent(`remove ${missing}`, "unlink"));
  assert.throws(() => removeDirectory(missing), enoent(`remove directory ${missing}`, "rmdir"));
  assert.throws(() => makeDirectory(directory), { errno: Errno.EEXIST });
  assert.throws(() => readFile(directory), { message: /^Cannot read .*Is a directory \(read: EISDIR\)$/ });
  assert.throws(() => readDirectory("/proc/self/comm"), { message: /getdents64: ENOTDIR/ });
});

Deno.test("a path that contains NUL is rejected before it reaches C", () => {
  assert.throws(() => openFile("/etc/passwd\0.txt"), { name: "TypeError" });
});

inDirectory("writeTextFile() writes to a file that exists and makes none", (directory) => {
  const path = `${directory}/file`;
  assert.throws(() => writeTextFile(path, "x"), { errno: Errno.ENOENT });
  Deno.writeTextFileSync(path, "before");
  writeTextFile(path, "AFT");
  assert.equal(Deno.readTextFileSync(path), "AFTore");
});

inDirectory("openFile() honours its flags and mode, and is close-on-exec", (directory) => {
  const path = `${directory}/file`;
  using fd = openFile(path, OpenFlag.WRONLY | OpenFlag.CREAT | OpenFlag.EXCL, 0o640);
  writeAll(fd, new Uint8Array(new ArrayBuffer(70_000)), path);
  const { size, mode } = Deno.statSync(path);
  assert.deepEqual([size, mode! & 0o777], [70_000, 0o640 & ~Deno.umask()]);
  assert.throws(() => openFile(path, OpenFlag.WRONLY | OpenFlag.CREAT | OpenFlag.EXCL), {
    errno: Errno.EEXIST,
  });
  const flags = /^flags:\s*(\d+)$/m.exec(Deno.readTextFileSync(`/proc/self/fdinfo/${fd.number}`))![1]!;
  assert.equal(parseInt(flags, 8) & OpenFlag.CLOEXEC, OpenFlag.CLOEXEC);
});

inDirectory("readDirectory() lists what Deno lists, also more than one buffer holds", (directory) => {
  for (let index = 0; index < 1500; index++) {
    Deno.writeTextFileSync(`${directory}/file-with-a-rather-long-name-${index}`, "");
  }
  const expected = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  assert.deepEqual(readDirectory(directory).sort(), expected);
});

inDirectory("makeDirectory(), removeDirectory() and removeFile() do what they say", (directory) => {
  const path = `${directory}/sub`;
  makeDirectory(path);
  assert.equal(stat(path).kind, "directory");
  Deno.writeTextFileSync(`${path}/file`, "");
  assert.throws(() => removeDirectory(path), { message: /ENOTEMPTY/ });
  removeFile(`${path}/file`);
  removeDirectory(path);
  assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
});

inDirectory("stat() and readLink() agree with Deno", (directory) => {
  const path = `${directory}/file`;
  Deno.writeTextFileSync(path, "twelve bytes");
  Deno.symlinkSync(path, `${directory}/link`);
  const expected = Deno.statSync(path);
  const status = stat(`${directory}/link`);
  assert.equal(status.inode, BigInt(expected.ino!));
  assert.deepEqual([status.size, status.kind], [12n, "regular file"]);
  assert.equal(readLink(`${directory}/link`), path);
  assert.equal(readLink("/proc/self/exe"), Deno.readLinkSync("/proc/self/exe"));
});

Deno.test("fileSystemMagic() knows procfs", () => {
  assert.equal(fileSystemMagic("/proc/self"), FsMagic.PROC);
});

inDirectory("readInto() reads to the end and no further", (directory) => {
  const path = `${directory}/file`;
  Deno.writeTextFileSync(path, "abc");
  using fd = openFile(path);
  const buffer = new Uint8Array(10);
  assert.equal(readInto(fd, buffer, path), 3);
  assert.equal(new TextDecoder().decode(buffer.subarray(0, 3)), "abc");
  assert.equal(readInto(fd, buffer, path), 0);
});

inDirectory("copyMapped() copies a file, and declines what cannot be mapped", (directory) => {
  const path = `${directory}/file`;
  const bytes = crypto.getRandomValues(new Uint8Array(9000));
  Deno.writeFileSync(path, bytes);
  using fd = openFile(path);
  const target = new Uint8Array(bytes.length);
  assert.equal(copyMapped(fd, bytes.length, target), true);
  assert.deepEqual(target, bytes);
  using proc = openFile("/proc/self/comm");
  assert.equal(copyMapped(proc, 10, new Uint8Array(10)), false);
});
