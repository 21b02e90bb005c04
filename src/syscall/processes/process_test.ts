import assert from "node:assert/strict";
import { Errno } from "../errno.ts";
import { readTextFile } from "../files/file.ts";
import {
  type ChildState,
  childState,
  kernelRelease,
  machineName,
  processId,
  sendSignal,
  setComm,
  Signal,
  spawn,
} from "./process.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** Waits until a child's state is one of these. */
async function untilState(pid: number, ...states: ChildState["state"][]): Promise<ChildState> {
  for (;;) {
    const state = childState(pid);
    if (states.includes(state.state)) return state;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("processId() is this process", () => {
  assert.equal(processId(), Deno.pid);
});

Deno.test("spawn() passes arguments and environment on, childState() tells the exit code", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/out`;
    const script = 'printf "%s|" "$0" "$@" "$WORD" > "$OUT"; exit 7';
    const pid = spawn("/bin/sh", ["sh", "-c", script, "zero", "one two", ""], [`OUT=${path}`, "WORD=a=b"]);
    assert.deepEqual(await untilState(pid, "exited", "killed"), { state: "exited", code: 7 });
    assert.equal(await Deno.readTextFile(path), "zero|one two||a=b|");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("spawn() names the program that cannot be started", () => {
  assert.throws(() => spawn("/nowhere/at/all", ["all"], []), {
    name: "SyscallError",
    message: "Cannot start /nowhere/at/all: No such file or directory (posix_spawn: ENOENT)",
  });
});

Deno.test("childState() follows a child from running to stopped to killed, and then knows it no more", async () => {
  const pid = spawn("/bin/sleep", ["sleep", "1000"], []);
  assert.deepEqual(childState(pid), { state: "running" });
  sendSignal(pid, Signal.SIGSTOP);
  assert.deepEqual(await untilState(pid, "stopped"), { state: "stopped", signal: Signal.SIGSTOP });
  sendSignal(pid, Signal.SIGCONT);
  sendSignal(pid, Signal.SIGKILL);
  const ended = await untilState(pid, "exited", "killed");
  assert.deepEqual(ended, { state: "killed", signal: Signal.SIGKILL });
  assert.throws(() => childState(pid), { name: "SyscallError", code: "ECHILD" });
});

Deno.test("sendSignal() fails for a process that is not there", () => {
  // Above the largest PID_MAX_LIMIT of Linux.
  assert.throws(() => sendSignal(2 ** 30, Signal.SIGTERM), { errno: Errno.ESRCH });
});

Deno.test("setComm() names the calling thread, cut to 15 bytes", () => {
  const before = readTextFile("/proc/thread-self/comm").trimEnd();
  try {
    setComm("a-name-that-is-too-long");
    assert.equal(readTextFile("/proc/thread-self/comm"), "a-name-that-is-\n");
  } finally {
    setComm(before);
  }
});

Deno.test("kernelRelease() is what uname prints", () => {
  const { stdout } = new Deno.Command("uname", { args: ["-r", "-m"] }).outputSync();
  const { release, machine } = kernelRelease();
  assert.equal(`${release} ${machine}`, new TextDecoder().decode(stdout).trim());
});

Deno.test("machineName() is what uname prints", () => {
  const { stdout } = new Deno.Command("uname", { args: ["-n"] }).outputSync();
  assert.equal(machineName(), new TextDecoder().decode(stdout).trim());
});
