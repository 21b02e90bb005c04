/**
 * Instructions after relocation, against those of libbpf.
 *
 * @module
 */
import assert from "node:assert/strict";
import iomonitor from "../bpf/iomonitor.bpf.o" with { type: "bytes" };
import { BpfObject } from "../src/loader/mod.ts";
import { processId } from "../src/syscall/mod.ts";
import { output } from "./support/child.ts";
import { compileWithLibbpf } from "./support/compile.ts";
import { needs } from "./support/needs.ts";
import { temporaryDirectory } from "./support/temp_dir.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const INSTRUCTION_SIZE = 8;
const LD_IMM64 = 0x18;
/** BPF_PSEUDO_MAP_FD and BPF_PSEUDO_MAP_VALUE: the immediate is a descriptor, another in each process. */
const MAP_SOURCES = [1, 2];

/** Instructions a line each in hexadecimal, without the descriptors of maps. */
function withoutDescriptors(bytes: Uint8Array): string[] {
  const copy = bytes.slice();
  for (let at = 0; at < copy.length; at += INSTRUCTION_SIZE) {
    if (copy[at] === LD_IMM64 && MAP_SOURCES.includes(copy[at + 1]! >> 4)) copy.fill(0, at + 4, at + 8);
  }
  return copy.toHex().match(/.{16}/g) ?? [];
}

Deno.test(
  needs(["root", "btf", "libbpf"], "every program of iomonitor is relocated as libbpf does it", async () => {
    await using directory = await temporaryDirectory();
    const [oracle, path] = [directory.file("oracle"), directory.file("iomonitor.bpf.o")];
    await compileWithLibbpf("tests/oracle/oracle.c", oracle);
    await Deno.writeFile(path, iomonitor);
    const { code, stdout, stderr } = await output(oracle, path);
    assert.equal(code, 0, stderr);
    const expected = new Map(
      stdout.trimEnd().split("\n").map((line) => {
        const [name, hex] = line.split(" ");
        return [name!, withoutDescriptors(Uint8Array.fromHex(hex!))];
      }),
    );
    using object = new BpfObject(iomonitor);
    const names = object.spec.programs.map(({ name }) => name);
    assert.deepEqual(names.toSorted(), [...expected.keys()].sort());
    for (const name of names) {
      assert.deepEqual(withoutDescriptors(object.instructions(name).bytes), expected.get(name), name);
    }
  }),
);
