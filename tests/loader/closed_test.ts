/**
 * Maps, variables and programs after they were closed: by then their descriptors' numbers may be others'.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BpfObject } from "../../src/loader/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { compileObject } from "../support/compile.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { needs } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = ["root", "btf", "clang"] as const;

/** Asserts that each of them throws, saying that something is closed. */
function assertClosed(what: string, uses: readonly (() => unknown)[]): void {
  for (const use of uses) {
    assert.throws(use, (error: Error) => {
      assert.equal(
        error.message.slice(0, `Cannot use ${what}: it is closed`.length),
        `Cannot use ${what}: it is closed`,
      );
      return true;
    }, String(use));
  }
}

Deno.test(
  needs(
    NEEDED,
    "a closed map is an error that names it, and never the map that has its number by now",
    async () => {
      const bytes = await compileObject("count");
      using object = new BpfObject(bytes);
      using other = new BpfObject(bytes);
      // From here on the next descriptor is a map's.
      other.map("tallies");
      const map = object.map("unused_map");
      map.set(1, 11n);
      assert.equal(map.get(1), 11n);
      const { number } = map.fd;
      map.close();
      const successor = other.map("unused_map");
      assert.equal(successor.fd.number, number);
      successor.set(1, 22n);
      const key = new Uint8Array(4);
      assertClosed("map unused_map", [
        () => map.get(1),
        () => map.set(1, 33n),
        () => map.lookup(key),
        () => map.update(key, new Uint8Array(8)),
        () => map.delete(key),
        () => [...map.keys()],
        () => [...map.entries()],
        () => [...map.batch()],
        () => map.freeze(),
        () => map.fd.number,
        () => object.map("unused_map"),
        () => object.program("unused"),
      ]);
      assert.deepEqual([map.isClosed, successor.isClosed], [true, false]);
      assert.equal(successor.get(1), 22n);
    },
  ),
);

Deno.test(
  needs(
    NEEDED,
    "a closed program is an error that names it, also when it has been asked for its runs",
    async () => {
      using object = new BpfObject(await compileObject("data"));
      const program = object.program("sum_data");
      assert.equal(program.misses(), 0n);
      program.close();
      assertClosed("program sum_data", [
        () => program.misses(),
        () => program.runs(),
        () => program.run({ data: new Uint8Array(64) }),
      ]);
    },
  ),
);

Deno.test(needs(NEEDED, "a closed object gives nothing, and nothing of it works on", async () => {
  const before = openDescriptors().size;
  const object = new BpfObject(await compileObject("data"));
  const variable = object.variable("zeroed");
  object.program("write_zeroed");
  variable.set(5);
  object.close();
  assertClosed("map .bss", [() => variable.get(), () => variable.set(1)]);
  assertClosed("the object", [
    () => object.map(".bss"),
    () => object.map(".data"),
    () => object.program("write_zeroed"),
    () => object.attach("write_zeroed"),
    () => object.load(),
  ]);
  object.close();
  assert.equal(openDescriptors().size, before);
}));
