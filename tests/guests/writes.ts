/**
 * writemonitor by each way to attach, on a kernel of an architecture for which no workload is compiled: what dd(1) does
 * is counted.
 *
 * @module
 */
import assert from "node:assert/strict";
import { WRITEMONITOR } from "../../src/collector/writemonitor/mod.ts";
import type { StrategyName } from "../../src/programs/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { tracefs } from "../support/kernel/tracefs.ts";
import { Stage } from "../support/stage.ts";
import { Watch } from "../support/watch.ts";
import { assertGrown } from "../writemonitor/expect.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const WAYS = (Deno.env.get("KTM_STRATEGIES")?.split(",") ?? ["tp_btf"]) as readonly StrategyName[];

const DISK = Deno.env.get("KTM_SCRATCH") ?? "/var/tmp";

for (const way of WAYS) {
  Deno.test(`by ${way} alone the writes of dd count`, async () => {
    await using stage = new Stage();
    await using _tracefs = await tracefs(stage.directory);
    using watch = new Watch(stage.cgroup, [way], WRITEMONITOR);
    assert.deepEqual(
      watch.session.probes.filter(({ serving }) => serving === undefined).map(({ probe }) => probe),
      way === "kprobe" ? ["dirty_throttle"] : [],
      JSON.stringify(watch.session.probes.map(({ failures }) => failures)),
    );
    const file = `${DISK}/${stage.prefix}`;
    try {
      watch.since();
      const args = ["if=/dev/zero", `of=${file}`, "bs=4096", "count=100", "conv=fsync"];
      const { code, stderr } = await stage.start("dd", args, stage.cgroup).outcome();
      assert.equal(code, 0, stderr);
      assertGrown(watch.since(), {
        ktm_sys_write_latency_seconds_count: 100,
        ktm_sys_write_bytes_total: 100 * 4096,
        'ktm_sys_fsync_latency_seconds{call="fsync"}_count': 1,
      });
    } finally {
      await Deno.remove(file).catch(() => {});
    }
  });
}
