/** Load, attach and close over and over. */
import assert from "node:assert/strict";
import iomonitor from "../../bpf/iomonitor.bpf.o" with { type: "bytes" };
import { BpfObject } from "../../src/loader/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { needs } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const MIB = 1 << 20;

Deno.test(
  needs(
    ["root", "btf"],
    "a hundred cycles of load, attach and close leak neither descriptors nor memory",
    () => {
      const cycle = () => {
        using object = new BpfObject(iomonitor);
        for (const { name, kind } of object.spec.programs) {
          if (kind?.prefix === "tp_btf") object.attach(name);
        }
      };
      cycle();
      const descriptors = openDescriptors().size;
      for (let round = 1; round < 50; round++) cycle();
      const halfway = Deno.memoryUsage().rss;
      for (let round = 50; round < 100; round++) cycle();
      assert.equal(openDescriptors().size, descriptors);
      const grown = (Deno.memoryUsage().rss - halfway) / MIB;
      // Fifty times the kernel's BTF would be more than 250 MiB.
      assert.ok(grown < 100, `${grown} MiB more`);
    },
  ),
);
