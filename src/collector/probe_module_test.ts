import assert from "node:assert/strict";
import { Errno, processId, SyscallError } from "../syscall/mod.ts";
import { IOMONITOR } from "./iomonitor/mod.ts";
import { probeModule } from "./probe_module.ts";
import { createModules, type ModuleSettings } from "./registry.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const SETTINGS: ModuleSettings = {
  commPrefix: "db",
  commFallback: "never",
  log: { debug() {}, info() {}, warn() {}, error() {} },
  lives: { begins() {}, ends() {}, restarts() {} },
};

Deno.test("a module whose object cannot be opened is disabled, says why, and does not end what it shares", () => {
  const { modules: [target, module] } = createModules([probeModule("", IOMONITOR)], ["iomonitor"], {
    ...SETTINGS,
    objects: { iomonitor: Uint8Array.of(1, 2, 3) },
  });
  assert.equal(module!.health().state, "waiting");
  const follower = module as unknown as { attach(maps: object): void };
  assert.throws(() => follower.attach({}), { name: "ObjectError" });
  const { state, reason } = module!.health();
  assert.equal(state, "disabled");
  assert.deepEqual(module!.check(), [{ name: "module iomonitor", level: "failed", detail: reason }]);
  assert.deepEqual(module!.collect(), []);
  assert.equal(target!.health().state, "waiting");
});

Deno.test("a module that descriptors run out for waits with the target, and is not disabled", () => {
  const constants = () => {
    throw new Error("", { cause: new SyscallError("load", "bpf(BPF_PROG_LOAD)", Errno.EMFILE) });
  };
  const { modules: [target, module] } = createModules(
    [probeModule("", { ...IOMONITOR, constants })],
    ["iomonitor"],
    SETTINGS,
  );
  const follower = module as unknown as { attach(maps: object): void };
  assert.throws(() => follower.attach({}));
  assert.deepEqual(module!.health(), target!.health());
  assert.equal(module!.health().state, "waiting");
});
