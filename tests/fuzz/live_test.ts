/** Changed objects that still parse, in the running kernel: documented errors only, and nothing left open. */
import assert from "node:assert/strict";
import iomonitor from "../../bpf/iomonitor.bpf.o" with { type: "bytes" };
import {
  BtfError,
  CoreEngine,
  type MapSpec,
  ObjectError,
  parseObject,
  wantRelocatedTypes,
} from "../../src/elf/mod.ts";
import { buildObject } from "../../src/elf/object/testing_object.ts";
import {
  BpfObject,
  BtfLoadError,
  MapCreateError,
  possibleCpus,
  ProgramLoadError,
  VMLINUX_BTF,
} from "../../src/loader/mod.ts";
import { processId, readFile, SyscallError } from "../../src/syscall/mod.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { needs } from "../support/needs.ts";
import { makeInput, objectStock } from "./corpus.ts";
import { Random } from "./random.ts";
import { INTERESTING, storeLittleEndian } from "./random_mutators.ts";
import { richObject } from "./rich_object.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const SEED = 4;
const COUNT = 600;

const DOCUMENTED = [ObjectError, BtfError, ProgramLoadError, MapCreateError, BtfLoadError, SyscallError];

function isDocumented(error: unknown): boolean {
  return DOCUMENTED.some((type) => error instanceof type) ||
    error instanceof Error && error.message.startsWith("Cannot ");
}

/** Does something, and counts how it ends. */
function attempt(endings: Map<string, number>, what: string, action: () => void): void {
  let ending = "done";
  try {
    action();
  } catch (error) {
    if (!isDocumented(error)) throw new Error(`${what}: no documented error`, { cause: error });
    ending = error instanceof Error ? error.name : "";
  }
  endings.set(ending, (endings.get(ending) ?? 0) + 1);
}

/** A kernel may grant maps as large as its memory, which others need. */
const MOST_MAP_BYTES = 1 << 24;

function isModest({ maxEntries, keySize, valueSize, inner }: MapSpec): boolean {
  const entry = keySize + valueSize * possibleCpus() + 64;
  return maxEntries * entry < MOST_MAP_BYTES && (inner === undefined || isModest(inner));
}

/** Loads every program of an object; undefined if the object is refused, or wants too much of the kernel. */
function loadAll(endings: Map<string, number>, what: string, bytes: Uint8Array): void {
  attempt(endings, what, () => {
    using object = new BpfObject(bytes);
    if (!object.spec.maps.every(isModest)) return;
    for (const { name } of object.spec.programs) attempt(endings, what, () => object.program(name));
    for (const { name } of object.spec.maps) attempt(endings, what, () => object.map(name));
  });
}

Deno.test(needs(["root", "btf"], "hundreds of changed objects leave no descriptor open", () => {
  const stocks = [
    objectStock("small object", buildObject(), 480),
    objectStock("rich object", richObject(), 480),
    objectStock("iomonitor", iomonitor, 40),
  ];
  const endings = new Map<string, number>();
  for (const { name, bytes } of stocks) loadAll(endings, name, bytes);
  const loaded = endings.get("done") ?? 0;
  // The objects themselves, and something of each, or else nothing of what follows means anything.
  assert.ok(loaded > stocks.length, JSON.stringify([...endings]));
  const before = openDescriptors();
  for (let index = 0; index < COUNT; index++) {
    const { stock, bytes } = makeInput(stocks, SEED, index);
    const what = `input ${index} of ${stock.name}`;
    loadAll(endings, what, bytes);
    assert.deepEqual(openDescriptors(), before, what);
  }
  console.log(`${COUNT} objects:`, Object.fromEntries(endings));
}));

const HEADER_WORDS = 6;
const CHANGED_BYTES = 1000;

/** Copies of BTF with one word of the header changed, the end cut off, and bytes all over it changed. */
function* changedTargets(btf: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  const random = new Random(SEED);
  for (let word = 0; word < HEADER_WORDS; word++) {
    const copy = btf.slice();
    storeLittleEndian(copy, word * 4, 4, random.pick(INTERESTING));
    yield copy;
  }
  yield btf.slice(0, btf.length - 1);
  yield btf.slice(0, btf.length >> 1);
  for (let round = 0; round < 4; round++) {
    const copy = btf.slice();
    for (let count = 0; count < CHANGED_BYTES; count++) copy[random.below(copy.length)] = random.next();
    yield copy;
  }
}

Deno.test(needs(["btf"], "the kernel's BTF, changed, is opened or refused within a second", () => {
  const spec = parseObject(iomonitor);
  const relocate = (target: Uint8Array<ArrayBuffer>) => {
    const engine = new CoreEngine(spec.btfBytes);
    wantRelocatedTypes(engine, spec.programs);
    engine.openTarget("target", target.length, (buffer) => buffer.set(target));
    for (const { coreRelocations } of spec.programs) {
      for (const relocation of coreRelocations) engine.relocate(relocation);
    }
  };
  const btf = readFile(VMLINUX_BTF);
  // Unchanged it is opened, or else nothing of what follows means anything.
  relocate(btf);
  const endings = new Map<string, number>();
  let rounds = 0;
  for (const target of changedTargets(btf)) {
    const start = performance.now();
    attempt(endings, `target ${rounds++}`, () => relocate(target));
    const milliseconds = performance.now() - start;
    assert.ok(milliseconds < 1000, `target ${rounds}: ${milliseconds} ms`);
  }
  assert.ok(rounds > HEADER_WORDS);
  console.log(`${rounds} targets:`, Object.fromEntries(endings));
}));
