/**
 * The test objects in the kernel: every program that can run without being attached is run, and returns what
 * its source says.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BpfObject } from "../../src/loader/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { PROGRAM_RUNS, type ProgramRun } from "../objects/runs.ts";
import { compileObject } from "../support/compile.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { hasRelease } from "../support/kernel/kernel_release.ts";
import { needs, unless } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** An Ethernet frame without content. */
const PACKET = new Uint8Array(new ArrayBuffer(64));
const CONTEXT = new Uint8Array(new ArrayBuffer(64));

const RUNS = Object.groupBy(PROGRAM_RUNS, ({ object }) => object);

/** What programs of an object return, one after the other: each at its first run. */
function results(bytes: Uint8Array, runs: readonly ProgramRun[]): [program: string, returned: number][] {
  using object = new BpfObject(bytes);
  return runs.map(({ program, input }) => [
    program,
    object.program(program).run(input === "packet" ? { data: PACKET } : { context: CONTEXT }),
  ]);
}

for (const [name, runs = []] of Object.entries(RUNS)) {
  const able = runs.filter(({ since }) => since === undefined || hasRelease(since));
  const test = needs(
    ["root", "btf", "clang"],
    `${name}: programs return what their source says`,
    async () => {
      const bytes = await compileObject(name);
      const before = openDescriptors().size;
      assert.deepEqual(
        results(bytes, able),
        able.map(({ program, returns }) => [program, returns]),
      );
      assert.equal(openDescriptors().size, before);
    },
  );
  Deno.test(unless(able.length === 0 ? "this kernel is too old for every program of it" : undefined, test));
}
