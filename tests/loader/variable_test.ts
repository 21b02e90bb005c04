/**
 * Global variables while programs use them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BpfObject } from "../../src/loader/mod.ts";
import { Errno, processId } from "../../src/syscall/mod.ts";
import { compileObject } from "../support/compile.ts";
import { needs } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = ["root", "btf", "clang"] as const;

/** How many maps this process has in its memory. */
function mapsInMemory(): number {
  return Deno.readTextFileSync("/proc/self/maps").split("\n").filter((line) => line.includes("bpf-map"))
    .length;
}

Deno.test(
  needs(NEEDED, "set() loses nothing of what a program counts beside the variable meanwhile", async () => {
    using object = new BpfObject(await compileObject("beside"), { constants: { watched_tgid: Deno.pid } });
    const knob = object.variable("knob");
    const settings = object.variable("settings");
    object.attach("count_calls");
    // What reads the section and writes it back makes a system call in between, which is counted.
    for (let value = 0; value < 100; value++) {
      knob.set(value);
      settings.set({ limit: value });
    }
    object.unload("count_calls");
    const counted = object.variable("counted").get();
    assert.ok(counted as bigint > 0n);
    assert.equal(counted, object.variable("counted_apart").get());
    assert.deepEqual([knob.get(), settings.get()], [99, { level: 1, limit: 99 }]);
    assert.equal(object.variable("around").get(), "\x07\x08\x09");
  }),
);

Deno.test(needs(NEEDED, "a variable is the same in the object, in the kernel, and for programs", async () => {
  using object = new BpfObject(await compileObject("data"));
  const number = object.variable("own_data");
  assert.equal(number.get(), 21);
  number.set(100);
  assert.equal(number.get(), 100);
  const program = object.program("own_sections");
  const rest = 22 + 23 + 25 + 24;
  const run = () => program.run({ data: new Uint8Array(64) });
  assert.deepEqual([number.get(), run()], [100, 100 + rest]);
  number.set(200);
  assert.deepEqual([number.get(), run()], [200, 200 + rest]);
  const section = object.map(".data.own");
  assert.deepEqual(section.lookup(new Uint8Array(4)), Uint8Array.of(200, 0, 0, 0, 22, 0, 0, 0));
}));

Deno.test(needs(NEEDED, "nothing of a section stays in memory when its map is closed", async () => {
  const before = mapsInMemory();
  {
    using object = new BpfObject(await compileObject("data"));
    object.program("own_sections");
    assert.equal(mapsInMemory(), before);
    object.variable("own_data").set(1);
    object.variable("more_own_data").set(1);
    assert.equal(mapsInMemory(), before + 1);
  }
  assert.equal(mapsInMemory(), before);
}));

Deno.test(
  needs(
    NEEDED,
    "a variable beside a lock, in a section that the kernel does not share, is set, too",
    async () => {
      using object = new BpfObject(await compileObject("beside"));
      const before = mapsInMemory();
      object.map(".data.locked");
      object.variable("locked").set({ guarded: 6 });
      object.variable("unguarded").set(5);
      assert.equal(mapsInMemory(), before);
      assert.deepEqual(object.variable("locked").get(), { lock: { val: 0 }, guarded: 6 });
      assert.equal(object.variable("unguarded").get(), 5);
    },
  ),
);

Deno.test(needs(NEEDED, "a constant is set before its section is in the kernel, or not at all", async () => {
  using object = new BpfObject(await compileObject("data"));
  const constant = object.variable("a_constant");
  constant.set(6);
  object.program("sum_constants");
  assert.throws(() => constant.set(7), {
    name: "Error",
    message:
      /^Cannot set variable a_constant: it is a constant in \.rodata, .*set it before the first program/,
  });
  assert.equal(constant.get(), 6);
}));

Deno.test(needs(NEEDED, "a section that is frozen can be read, and no longer written", async () => {
  using object = new BpfObject(await compileObject("data"));
  const variable = object.variable("own_data");
  object.map(".data.own").freeze();
  assert.throws(() => variable.set(1), { errno: Errno.EPERM });
  assert.equal(variable.get(), 21);
  const written = object.variable("other_data");
  object.map(".data.other");
  written.set(5);
  object.map(".data.other").freeze();
  assert.throws(() => written.set(6), { errno: Errno.EPERM });
  assert.equal(written.get(), 5n);
}));

Deno.test(needs(NEEDED, "constants are values of any type that variables have", async () => {
  using object = new BpfObject(await compileObject("data"), {
    constants: {
      a_true_constant: false,
      a_constant_text: "text",
      a_constant_point: { x: 5 },
      an_array: [1, 2],
      a_colour: "RED",
    },
  });
  const values = ["a_true_constant", "a_constant_text", "a_constant_point", "an_array", "a_colour"]
    .map((name) => object.variable(name).get());
  assert.deepEqual(values, [false, "text", { x: 5, y: 100 }, [1, 2, 30, 40, 50], 1]);
}));

Deno.test(needs(["clang"], "a variable that is not there is a RangeError that names it", async () => {
  using object = new BpfObject(await compileObject("data"));
  assert.throws(() => object.variable("nope"), {
    name: "RangeError",
    message: "Cannot find variable nope: none has that name",
  });
}));
