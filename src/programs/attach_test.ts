import assert from "node:assert/strict";
import { type BpfObject, ProgramLoadError } from "../loader/mod.ts";
import { Errno, processId, SyscallError } from "../syscall/mod.ts";
import { attachProbes } from "./attach.ts";
import type { Probe, Strategy } from "./probe.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** An object that remembers what was asked of it. */
class FakeObject {
  readonly attached = new Set<string>();
  readonly asked: string[] = [];
  readonly #refused: ReadonlySet<string>;

  constructor(...refused: string[]) {
    this.#refused = new Set(refused);
  }

  program(name: string): void {
    this.asked.push(name);
    if (this.#refused.has(name)) throw new Error(`Cannot load program ${name}`);
  }

  attach(name: string): void {
    if (this.attached.has(name)) return;
    this.asked.push(name);
    if (this.#refused.has(name)) throw new Error(`Cannot load program ${name}`);
    this.attached.add(name);
  }

  unload(name: string): void {
    this.attached.delete(name);
  }
}

function attach(object: FakeObject, probes: readonly Probe[]) {
  return attachProbes(object as unknown as BpfObject, probes, () => {
    throw new Error("nothing here is attached by fentry");
  });
}

const FIRST: Strategy = { strategy: "tp_btf", programs: ["first_end", "first_begin"], exact: true };
const SECOND: Strategy = { strategy: "tracepoint", programs: ["second_end", "second_begin"], exact: true };
const PROBE: Probe = { probe: "one", strategies: [FIRST, SECOND] };

Deno.test("attachProbes() serves a probe by its first strategy and asks for no other", () => {
  const object = new FakeObject();
  assert.deepEqual(attach(object, [PROBE]), [{ probe: "one", serving: FIRST, failures: [] }]);
  assert.deepEqual(object.asked, FIRST.programs);
});

Deno.test("attachProbes() takes no shortage for a strategy that does not work", () => {
  const object = new FakeObject();
  for (const errno of [Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM]) {
    const shortage = new ProgramLoadError("first_end", new SyscallError("load first_end", "bpf", errno));
    object.attach = () => {
      throw shortage;
    };
    assert.throws(() => attach(object, [PROBE]), (error) => error === shortage);
  }
});

Deno.test("attachProbes() falls back, remembers why, and unloads the half that had been attached", () => {
  const object = new FakeObject("first_begin");
  const reason = "Cannot load program first_begin";
  assert.deepEqual(attach(object, [PROBE]), [
    { probe: "one", serving: SECOND, failures: [{ strategy: "tp_btf", reason }] },
  ]);
  assert.deepEqual([...object.attached], SECOND.programs);
});

Deno.test("attachProbes() gives every reason and leaves nothing where no strategy works", () => {
  const object = new FakeObject("first_end", "second_begin");
  assert.deepEqual(attach(object, [PROBE]), [{
    probe: "one",
    serving: undefined,
    failures: [
      { strategy: "tp_btf", reason: "Cannot load program first_end" },
      { strategy: "tracepoint", reason: "Cannot load program second_begin" },
    ],
  }]);
  assert.equal(object.attached.size, 0);
});

Deno.test("attachProbes() keeps a program that serves one probe though another has lost it", () => {
  const shared: Strategy = { strategy: "tp_btf", programs: ["shared"], exact: true };
  const broken: Strategy = { strategy: "tp_btf", programs: ["shared", "broken"], exact: true };
  const object = new FakeObject("broken");
  const statuses = attach(object, [
    { probe: "lost", strategies: [broken] },
    { probe: "served", strategies: [shared] },
  ]);
  assert.deepEqual(statuses.map(({ serving }) => serving), [undefined, shared]);
  assert.deepEqual([...object.attached], ["shared"]);
});

Deno.test("attachProbes() tries a program that failed only once", () => {
  const object = new FakeObject("first_end");
  const statuses = attach(object, [PROBE, { ...PROBE, probe: "two" }]);
  assert.equal(object.asked.filter((name) => name === "first_end").length, 1);
  assert.deepEqual(statuses[1]!.failures, statuses[0]!.failures);
});

Deno.test("attachProbes() tries no other program of a strategy that the kernel forbids", () => {
  const object = new FakeObject("first_end");
  const forbidden = new SyscallError("load program first_end", "bpf(BPF_PROG_LOAD)", Errno.EPERM);
  const program = object.attach.bind(object);
  object.attach = (name) => {
    try {
      program(name);
    } catch {
      throw new ProgramLoadError("first_end", forbidden, "forbidden");
    }
  };
  const another: Strategy = { ...FIRST, programs: ["another_end", "another_begin"] };
  const statuses = attach(object, [PROBE, { probe: "two", strategies: [another, SECOND] }]);
  assert.deepEqual(object.asked, ["first_end", ...SECOND.programs]);
  assert.match(statuses[1]!.failures[0]!.reason, /: forbidden \(bpf\(BPF_PROG_LOAD\): EPERM\)$/);
  assert.deepEqual(statuses.map(({ serving }) => serving), [SECOND, SECOND]);
});

const BY_FENTRY: Probe = {
  probe: "one",
  strategies: [{ strategy: "fentry", programs: ["fexit", "fentry"], exact: true }, FIRST],
};

Deno.test("attachProbes() tries fentry last where the kernel is preemptible, and leaves none of it loaded", () => {
  const order = (isPreemptible: boolean) => {
    const object = new FakeObject();
    const unload = object.unload.bind(object);
    const unloaded: string[] = [];
    object.unload = (name) => (unloaded.push(name), unload(name));
    const [status] = attachProbes(object as unknown as BpfObject, [BY_FENTRY], () => isPreemptible);
    return { serving: status?.serving?.strategy, unloaded };
  };
  assert.deepEqual(order(false), { serving: "fentry", unloaded: FIRST.programs });
  assert.deepEqual(order(true), { serving: "tp_btf", unloaded: ["fexit", "fentry"] });
});

Deno.test("attachProbes() does not ask whether the kernel is preemptible where fentry cannot be loaded", () => {
  const object = new FakeObject("fexit");
  assert.equal(attach(object, [BY_FENTRY])[0]?.serving, FIRST);
  assert.deepEqual(object.asked, ["fexit", ...FIRST.programs]);
});
