/**
 * Programs at functions of programs and libraries, on the running kernel.
 *
 * @module
 */
import assert from "node:assert/strict";
import { functionOffset } from "../../src/elf/executable.ts";
import { type AttachPlace, BpfObject, toUserFunction } from "../../src/mod.ts";
import { pageSize } from "../../src/syscall/memory_order.ts";
import { processId } from "../../src/syscall/mod.ts";
import { compileObject } from "../support/compile.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { needs } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = ["root", "btf", "clang"] as const;

/** The C library that this process calls. */
const LIBC = /\/\S*\/libc\.so\.6$/m.exec(Deno.readTextFileSync("/proc/self/maps"))?.[0] ?? "";

/** A function of the C library, which nobody calls but this test. */
const FUNCTION = `${LIBC}:getpagesize`;

function open(bytes: Uint8Array, targets: Record<string, string> = {}): BpfObject {
  return new BpfObject(bytes, { constants: { watched_tgid: Deno.pid }, targets });
}

function call(times: number): void {
  for (let time = 0; time < times; time++) pageSize();
}

const countOf = (object: BpfObject, variable: string) => object.variable(variable).get();

Deno.test(
  needs(NEEDED, "calls of a library's function are counted, at its entry and at its return", async () => {
    const bytes = await compileObject("uprobe");
    const before = openDescriptors().size;
    {
      using object = open(bytes, { at_return: FUNCTION });
      call(2);
      object.attach("at_entry", toUserFunction(FUNCTION));
      call(7);
      object.attach("at_return", toUserFunction());
      call(4);
      object.unload("at_entry");
      call(3);
      assert.deepEqual([countOf(object, "entered"), countOf(object, "returned")], [11n, 7n]);
    }
    assert.equal(openDescriptors().size, before);
  }),
);

Deno.test(needs(NEEDED, "a function may be named by its offset in the file", async () => {
  const offset = functionOffset(await Deno.readFile(LIBC), "getpagesize")!;
  for (const place of [`${LIBC}:${offset}`, `${LIBC}:0x${offset.toString(16)}`, `${FUNCTION}+0x0`]) {
    using object = open(await compileObject("uprobe"));
    object.attach("at_entry", toUserFunction(place));
    call(5);
    assert.equal(countOf(object, "entered"), 5n, place);
  }
}));

/** The message with which a program is not attached. */
async function refusal(program: string, place?: AttachPlace): Promise<string> {
  using object = open(await compileObject("uprobe"));
  try {
    object.attach(program, place);
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
  assert.fail(`${program} was attached`);
}

Deno.test(needs(NEEDED, "a place that is none is an error that says what is wrong", async () => {
  assert.equal(
    await refusal("at_entry", toUserFunction(`${LIBC}:no_such_function`)),
    `Cannot attach program at_entry: ${LIBC} defines no function no_such_function`,
  );
  assert.equal(
    await refusal("at_entry", toUserFunction("libc.so.6:malloc")),
    'Cannot attach program at_entry to user function "libc.so.6:malloc": write it as /PATH:FUNCTION, ' +
      "/PATH:FUNCTION+OFFSET or /PATH:OFFSET",
  );
  assert.match(await refusal("at_entry", toUserFunction("/etc/passwd:main")), /: not a 64-bit ELF file$/);
  assert.match(await refusal("at_return", toUserFunction()), /^Cannot open \/lib\/none\.so: /);
  assert.equal(
    await refusal("at_return"),
    "Cannot attach program at_return: uretprobe attaches to a function of a program or library; " +
      "say which with toUserFunction()",
  );
}));
