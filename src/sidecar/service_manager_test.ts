import assert from "node:assert/strict";
import { serviceEnvironment } from "./service_manager.ts";

function environmentOf(variables: Readonly<Record<string, string>>) {
  return serviceEnvironment((name) => variables[name], 42);
}

Deno.test("serviceEnvironment() is undefined where nobody wants to be told", () => {
  assert.equal(environmentOf({}), undefined);
  assert.equal(environmentOf({ NOTIFY_SOCKET: "" }), undefined);
});

Deno.test("serviceEnvironment() reads the time after which a silent process is ended", () => {
  const socket = "/run/systemd/notify";
  const environment = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "30000000" };
  assert.deepEqual(environmentOf(environment), { socket, watchdogMs: 30_000 });
  assert.deepEqual(environmentOf({ ...environment, WATCHDOG_PID: "42" }), { socket, watchdogMs: 30_000 });
});

Deno.test("serviceEnvironment() leaves a watchdog alone that is off, or meant for another process", () => {
  const socket = "@abstract";
  for (const more of [{}, { WATCHDOG_USEC: "0" }, { WATCHDOG_USEC: "30000000", WATCHDOG_PID: "41" }]) {
    assert.deepEqual(environmentOf({ NOTIFY_SOCKET: socket, ...more }), { socket, watchdogMs: undefined });
  }
});
