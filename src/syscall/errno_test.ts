import assert from "node:assert/strict";
import { syscallNumbers } from "./arch.ts";
import { checked, Errno, errnoName, errnoText, isErrno, readErrno, retried, SyscallError } from "./errno.ts";
import { openFile } from "./files/file.ts";
import { libc } from "./libc.ts";
import { cString } from "./memory.ts";
import { processId } from "./processes/process.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** A call that fails with ENOENT. */
const failing = () => libc().open(cString("/nowhere/at/all"), 0, 0);

Deno.test("errnoName() and errnoText() name an error as the C library does", () => {
  assert.equal(errnoName(2), "ENOENT");
  assert.equal(errnoText(2), "No such file or directory");
  assert.equal(errnoName(524), "ENOTSUPP");
  assert.equal(errnoText(524), "ENOTSUPP");
  assert.equal(errnoText(4095), "errno 4095");
});

Deno.test("Errno agrees with the names by number", () => {
  for (const [name, number] of Object.entries(Errno)) assert.equal(errnoName(number), name);
});

Deno.test("readErrno() gives the number that the last failed call set", () => {
  assert.equal(failing(), -1);
  assert.equal(readErrno(), Errno.ENOENT);
  assert.equal(libc().close(-1), -1);
  assert.equal(errnoName(readErrno()), "EBADF");
});

Deno.test("checked() turns a negative result into an error that names action, text, call and code", () => {
  assert.throws(() => checked(failing(), "open", () => "open the gate"), {
    name: "SyscallError",
    message: "Cannot open the gate: No such file or directory (open: ENOENT)",
    syscall: "open",
    errno: 2,
    code: "ENOENT",
  });
  assert.equal(checked(0, "open", () => "open"), 0);
  assert.equal(checked(17n, "read", () => "read"), 17);
});

Deno.test("isErrno() tells system call errors with one of these numbers from all else", () => {
  const error = new SyscallError("try", "open", Errno.EACCES);
  assert.equal(isErrno(error, Errno.EPERM, Errno.EACCES), true);
  assert.equal(isErrno(error, Errno.EPERM), false);
  assert.equal(isErrno({ errno: Errno.EPERM }, Errno.EPERM), false);
});

Deno.test("retried() repeats a call that is told to try again, but not for ever", () => {
  const directory = Deno.makeTempDirSync();
  try {
    const path = `${directory}/fifo`;
    assert.equal(new Deno.Command("mkfifo", { args: [path] }).outputSync().code, 0);
    // O_RDWR | O_NONBLOCK: a read from the empty FIFO fails with EAGAIN (man 7 fifo).
    using fifo = openFile(path, 0o2 | 0o4000);
    const buffer = new Uint8Array(new ArrayBuffer(1));
    let calls = 0;
    const result = retried(() => {
      calls++;
      return libc().syscall_read(syscallNumbers().read, fifo.number, buffer, 1);
    });
    assert.equal(Number(result), -1);
    assert.equal(readErrno(), Errno.EAGAIN);
    assert.ok(calls > 1 && calls < 100, `${calls} calls`);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("retried() repeats no other error", () => {
  let calls = 0;
  retried(() => {
    calls++;
    return failing();
  });
  assert.equal(calls, 1);
});
