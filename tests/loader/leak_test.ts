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

const CYCLES = 120;

Deno.test(
  needs(
    ["root", "btf"],
    "hundreds of cycles of load, attach and close leak neither descriptors nor memory",
    () => {
      const cycle = () => {
        using object = new BpfObject(iomonitor);
        for (const { name, kind } of object.spec.programs) {
          if (kind?.prefix === "tp_btf") object.attach(name);
        }
        return Deno.memoryUsage().rss / MIB;
      };
      cycle();
      const descriptors = openDescriptors().size;
      // The least, because the collector takes what is no longer used only now and then.
      const leastOf = (cycles: number) => Math.min(...Array.from({ length: cycles }, cycle));
      const grown = -leastOf(CYCLES) + leastOf(CYCLES);
      assert.equal(openDescriptors().size, descriptors);
      // So many times the kernel's BTF would be more than 500 MiB.
      assert.ok(grown < 100, `${grown} MiB more`);
    },
  ),
);
