/**
 * Programs that run at the ticks of a clock, on the running kernel.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BpfObject, toCpuClock } from "../../src/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { Child } from "../support/child.ts";
import { compileObject } from "../support/compile.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { needs } from "../support/needs.ts";
import { until } from "../support/until.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const HERTZ = 199;
const TICKS = 50;

Deno.test(
  needs(["root", "btf", "clang"], "a busy process is met at the ticks of the clock, no oftener", async () => {
    const bytes = await compileObject("cpu_clock");
    const before = openDescriptors().size;
    {
      await using busy = new Child("sh", { args: ["-c", "while :; do :; done"] });
      using object = new BpfObject(bytes, { constants: { watched_tgid: busy.pid } });
      const ticks = () => Number(object.variable("ticks").get());
      const start = performance.now();
      object.attach("on_tick", toCpuClock(HERTZ));
      await until(`${TICKS} ticks`, () => ticks() >= TICKS);
      const counted = ticks();
      const seconds = (performance.now() - start) / 1000;
      // One tick may come right at the start.
      assert.ok(counted <= seconds * HERTZ + 1, `${counted} ticks in ${seconds} s`);
      object.unload("on_tick");
      const last = ticks();
      // As long as the process has run for some ticks more.
      const jiffies = () => Number(Deno.readTextFileSync(`/proc/${busy.pid}/stat`).split(" ")[13]);
      const end = jiffies() + 5;
      await until("five more jiffies", () => jiffies() >= end);
      assert.equal(ticks(), last);
    }
    assert.equal(openDescriptors().size, before);
  }),
);

Deno.test(needs(["root", "btf", "clang"], "a program of perf_event says that it needs a clock", async () => {
  using object = new BpfObject(await compileObject("cpu_clock"));
  assert.throws(() => object.attach("on_tick"), {
    message: "Cannot attach program on_tick: perf_event attaches to a clock of the CPUs; " +
      "say how fast it is with toCpuClock()",
  });
}));
