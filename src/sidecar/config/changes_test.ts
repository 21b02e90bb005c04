import assert from "node:assert/strict";
import { changesBetween } from "./changes.ts";
import { configFrom, type Override } from "./config.ts";

function configWith(...values: (readonly [path: string, value: Override["value"]])[]) {
  return configFrom(undefined, values.map(([path, value]) => ({ flag: path, path, value })));
}

Deno.test("changesBetween() finds no change in what is the same", () => {
  const values = [["exporter.listen", "127.0.0.1:9090"], ["collector.modules", ["iomonitor"]]] as const;
  assert.deepEqual(changesBetween(configWith(...values), configWith(...values)), []);
});

Deno.test("changesBetween() names every key with its values", () => {
  const changes = changesBetween(
    configWith(["log.level", "debug"]),
    configWith(["collector.interval", "1s"], ["collector.ebpf.comm_prefix", "postgres"]),
  );
  assert.deepEqual(changes, [
    { key: "collector.interval", from: 10_000, to: 1000 },
    { key: "collector.ebpf.comm_prefix", from: "banyand", to: "postgres" },
    { key: "log.level", from: "debug", to: "info" },
  ]);
});

Deno.test("changesBetween() sees a key that is set for the first time, and one that no longer is", () => {
  const [unset, set] = [configWith(), configWith(["exporter.listen", "127.0.0.1:9090"])];
  const listen = { hostname: "127.0.0.1", port: 9090 };
  assert.deepEqual(changesBetween(unset, set), [{ key: "exporter.listen", from: undefined, to: listen }]);
  assert.deepEqual(changesBetween(set, unset), [{ key: "exporter.listen", from: listen, to: undefined }]);
});
