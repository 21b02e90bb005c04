/**
 * Types of kernel modules. Needs a module with BTF: guests have that of the file system that their disk has.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BpfObject } from "../src/loader/mod.ts";
import { processId } from "../src/syscall/mod.ts";
import { compileObject } from "./support/compile.ts";
import { openDescriptors } from "./support/descriptors.ts";
import { needs } from "./support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

Deno.test(
  needs(
    ["root", "btf", "clang", "ext4Module"],
    "a module's function and its structures are found in its BTF",
    async () => {
      const bytes = await compileObject("module");
      const before = openDescriptors().size;
      {
        using object = new BpfObject(bytes);
        object.attach("read_iter");
        const path = `${Deno.env.get("KTM_SCRATCH")}/${crypto.randomUUID()}`;
        try {
          await Deno.writeTextFile(path, "text");
          object.variable("watched").set(Deno.pid);
          for (let read = 0; read < 3; read++) assert.equal(await Deno.readTextFile(path), "text");
        } finally {
          await Deno.remove(path);
        }
        // A file is read to its end: at least one more call for each time that it is read.
        assert.ok(Number(object.variable("calls").get()) >= 3);
        assert.equal(object.variable("has_field").get(), 1);
      }
      assert.equal(openDescriptors().size, before);
      assert.throws(() => {
        using object = new BpfObject(bytes, { modules: false });
        object.attach("read_iter");
      }, /this kernel has no function ext4_file_read_iter/);
    },
  ),
);
