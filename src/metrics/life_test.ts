import assert from "node:assert/strict";
import { describeEnd, isCrash, type LifeEnd, signalName } from "./life.ts";

const AT = { timeMs: 0, monotonicMs: 0 };

const ENDS: readonly (readonly [Omit<LifeEnd, keyof typeof AT>, words: string, isCrash: boolean])[] = [
  [{ how: "exit", status: 0 }, "exited with status 0", false],
  [{ how: "exit", status: 3 }, "exited with status 3", true],
  [{ how: "signal", signal: 9 }, "killed by SIGKILL", true],
  [{ how: "signal", signal: 15 }, "killed by SIGTERM", false],
  [{ how: "signal", signal: 11, dumpedCore: true }, "killed by SIGSEGV, core dumped", true],
  [{ how: "signal", signal: 34 }, "killed by signal 34", true],
  [{ how: "oom", signal: 9 }, "killed by the OOM killer (SIGKILL)", true],
  [{ how: "unknown" }, "ended; the kernel did not report how", true],
  [{ how: "unwatched" }, "still running when the agent stopped to watch it", false],
];

for (const [end, words, crash] of ENDS) {
  Deno.test(`a target ${words}: ${crash ? "a crash" : "no crash"}`, () => {
    assert.equal(describeEnd({ ...AT, ...end }), words);
    assert.equal(isCrash({ ...AT, ...end }), crash);
  });
}

Deno.test("signalName() gives the names that kill(1) gives", async () => {
  for (const number of [1, 9, 11, 15, 31]) {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", `kill -l ${number}`] }).output();
    assert.equal(signalName(number), `SIG${new TextDecoder().decode(stdout).trim()}`);
  }
});
