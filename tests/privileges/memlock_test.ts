/** The limit on locked memory, which KTM lifts only where the kernel charges BPF objects to it. @module */
import assert from "node:assert/strict";
import { processId } from "../../src/syscall/mod.ts";
import { hasRelease } from "../support/kernel/kernel_release.ts";
import { ktm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** From Linux 5.11 on BPF objects are charged to cgroups. */
function chargesLockedMemory(): boolean {
  return !hasRelease("5.11");
}

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash", "strace"],
    "the limit on locked memory is touched only where BPF objects count",
    async () => {
      await using stage = new Stage();
      await using directory = await temporaryDirectory();
      new Reader(stage, stage.prefix, stage.cgroup);
      const log = directory.file("strace");
      const strace = ["strace", "-f", "-qq", "-e", "trace=setrlimit,prlimit64,bpf", "-o", log];
      const { code } = await ktm(["snapshot", "--duration", "1ms", "--comm-prefix", stage.prefix], strace);
      assert.equal(code, 0);
      const calls = await Deno.readTextFile(log);
      assert.match(calls, /BPF_PROG_LOAD/);
      assert.equal(/RLIMIT_MEMLOCK, \{/.test(calls), chargesLockedMemory());
    },
  ),
);
