/** `ktm run` on the running kernel: a life with targets that come, go and come back. */
import assert from "node:assert/strict";
import type { RecorderDump, SourceDump } from "../../src/recorder/mod.ts";
import { type Agent, READS, startAgent } from "../support/agent.ts";
import { attachedBy, heldBy, untilFreed } from "../support/kernel/bpf_objects.ts";
import { residentKb } from "../support/kernel/process_figures.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";
import { until } from "../support/until.ts";

/** T5 leaves a second between two looks; the rest is for attaching on a machine that does other things, too. */
const ACTIVATION_MS = 5000;
const EXIT_MS = 2000;
const RESIDENT_LIMIT_KB = 60 * 1024;
const WATCHING = /Watching the target mode=full/;

/** The generation of a filter comes first, then its two scopes: `struct ktm_filter` of bpf/scope.h. */
const GENERATION_BYTES = 8;

/** Inverts the bytes from one place to another, given as shares of what follows the generation. */
function inverted(bytes: readonly string[], from: number, to: number): string[] {
  const at = (share: number) => GENERATION_BYTES + share * (bytes.length - GENERATION_BYTES);
  return bytes.map((byte, index) =>
    index >= at(from) && index < at(to) ? `0x${(Number(byte) ^ 0xff).toString(16).padStart(2, "0")}` : byte
  );
}

const DAMAGES: readonly { what: string; damage: (bytes: readonly string[]) => string[] }[] = [
  { what: "all of it zeroed", damage: (bytes) => bytes.map(() => "0x00") },
  { what: "the generation alone", damage: (bytes) => ["0x07", ...bytes.slice(1)] },
  { what: "the first scope", damage: (bytes) => inverted(bytes, 0, 0.5) },
  { what: "the second scope", damage: (bytes) => inverted(bytes, 0.5, 1) },
];

async function status(agent: Agent, path: string, method = "GET"): Promise<number> {
  return (await agent.get(path, { method })).status;
}

Deno.test(
  needs([...LIVE_KERNEL, "bash"], "run waits for its target and counts exactly from then on", async () => {
    await using stage = new Stage();
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    await agent.child.said(/Waiting for the target reason=.*start it, or in Kubernetes/);
    assert.equal(await agent.value("ktm_status"), 0);
    assert.equal(await agent.value(READS), undefined);
    assert.equal((await agent.get("/readyz")).status, 503);
    assert.equal(attachedBy(agent.child.pid), 0, "a program is attached with nobody to watch");

    const appeared = performance.now();
    const reader = new Reader(stage, stage.prefix, stage.cgroup);
    await agent.child.said(WATCHING);
    assert.ok(attachedBy(agent.child.pid) > 0);
    assert.ok(
      performance.now() - appeared <= ACTIVATION_MS,
      `activated after ${performance.now() - appeared} ms`,
    );
    assert.equal((await agent.get("/readyz")).status, 200);

    await reader.read(1);
    const before = await agent.reads();
    const done = await reader.read(100);
    assert.equal(await agent.reads(), before + done);
    assert.equal(await agent.value("ktm_status"), 2);
    assert.equal(await agent.value("ktm_target_up"), 1);
  }),
);

Deno.test(
  needs([...LIVE_KERNEL, "bash"], "run goes on counting when the target is started again", async () => {
    await using stage = new Stage();
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    const first = new Reader(stage, stage.prefix, stage.cgroup);
    await agent.child.said(WATCHING);
    await first.read(50);
    const before = await agent.reads();
    assert.ok(before > 0);

    first.child.kill("SIGKILL");
    await first.child.outcome();
    await until("sign of the end", async () => await agent.value("ktm_target_up") === 0);
    assert.equal(await agent.reads(), before);

    const second = new Reader(stage, stage.prefix, stage.cgroup);
    await agent.child.said(WATCHING, 2);
    const done = await second.read(50);
    assert.ok(await agent.reads() >= before + done);
  }),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "/recorder has what was before the target's death, and after it",
    async () => {
      await using stage = new Stage();
      await using agent = await startAgent(["--comm-prefix", stage.prefix]);
      const reader = new Reader(stage, stage.prefix, stage.cgroup);
      await agent.child.said(WATCHING);
      await reader.read(50);
      const reads = await agent.reads();
      reader.child.kill("SIGKILL");
      await reader.child.outcome();
      await until("sign of the end", async () => await agent.value("ktm_target_up") === 0);

      const { status, text } = await agent.get("/recorder?last=1m");
      assert.equal(status, 200, text);
      const dump: RecorderDump = JSON.parse(text);
      const [before, after] = dump.sources.filter(({ source }) => source === "target");
      const { timesMs } = before!;
      const { series } = dump.sources.find(({ source }) => source === "iomonitor")!;
      const up = (source: SourceDump) => source.series.find(({ name }) => name === "ktm_target_up")!.values;
      assert.equal(up(before!).length, timesMs.length);
      assert.match(up(before!).join(""), /^0*1+$/);
      assert.match(up(after!).join(""), /^0+$/);
      const [life, ...others] = dump.lives;
      assert.deepEqual([life?.number, life?.target.pid, others], [before?.life, reader.child.pid, []]);
      assert.equal(life?.target.cgroup, stage.cgroup);
      // The last counters are read when the end is noticed, a second after it at most, and the machine is busy.
      const lateMs = before!.monotonicMs.at(-1)! - life!.end!.monotonicMs;
      assert.ok(lateMs < 3000, `the last row is from ${lateMs} ms after the end`);
      assert.deepEqual([life?.end?.how, life?.end?.signal], ["signal", 9]);
      const buckets = series.filter(({ name, part }) =>
        name === "ktm_sys_read_latency_seconds" && part === "bucket"
      );
      const counts = buckets.map(({ values }) => Number(values.at(-1)));
      assert.equal(counts.reduce((sum, count) => sum + count), reads);
    },
  ),
);

Deno.test(needs([...LIVE_KERNEL, "bash"], "run starts from zero when the cgroup is made anew", async () => {
  await using stage = new Stage();
  const container = stage.makeCgroup("-container");
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  const first = new Reader(stage, stage.prefix, container);
  await agent.child.said(WATCHING);
  await first.read(300);
  const before = await agent.reads();

  first.child.kill("SIGKILL");
  await first.child.outcome();
  await stage.removeCgroup(container);
  await until("end of the old counters", async () => await agent.value(READS) === undefined);
  assert.equal(await agent.value("ktm_status"), 0);
  assert.equal(attachedBy(agent.child.pid), 0);

  stage.makeCgroup("-container");
  const second = new Reader(stage, stage.prefix, container);
  await agent.child.said(WATCHING, 2);
  const done = await second.read(10);
  const after = await agent.reads();
  assert.ok(after >= done - 1 && after < before, `${before}, then ${after}`);
}));

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash", "bpftool"],
    "run restores a filter that another process has changed",
    async () => {
      await using stage = new Stage();
      await using agent = await startAgent(["--comm-prefix", stage.prefix]);
      const reader = new Reader(stage, stage.prefix, stage.cgroup);
      await agent.child.said(WATCHING);
      const filter = await agent.filter();
      assert.notEqual(filter.bytes.find((byte) => byte !== "0x00"), undefined);
      await reader.read(1);
      for (const [index, { what, damage }] of DAMAGES.entries()) {
        const damaged = damage(filter.bytes);
        assert.notDeepEqual(damaged, filter.bytes);
        await filter.write(damaged);
        await agent.child.said(/Filter map modified externally; restored/, index + 1);
        assert.deepEqual((await agent.filter()).bytes, filter.bytes, what);
        // The byte that the reader waits for began when the filter was as it is now.
        const before = await agent.reads();
        const done = await reader.read(20);
        assert.equal(await agent.reads(), before + done, what);
      }
    },
  ),
);

Deno.test(
  needs([...LIVE_KERNEL, "bash"], "run stays small: at most 60 MB after ten collections", async () => {
    await using stage = new Stage();
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    const reader = new Reader(stage, stage.prefix, stage.cgroup);
    await agent.child.said(WATCHING);
    await reader.read(1);
    await until("tenth collection", async () => (await agent.value("ktm_collections_total") ?? 0) >= 10);
    const resident = residentKb(agent.child.pid);
    assert.ok(resident <= RESIDENT_LIMIT_KB, `${resident} kB`);
  }),
);

for (const signal of ["SIGTERM", "SIGINT", "SIGKILL"] as const) {
  const name = `run leaves nothing in the kernel after ${signal}`;
  Deno.test(needs([...LIVE_KERNEL, "bash", "bpftool"], name, async () => {
    await using stage = new Stage();
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    new Reader(stage, stage.prefix, stage.cgroup);
    await agent.child.said(WATCHING);
    const ids = heldBy(agent.child.pid);
    assert.ok(ids.prog.size > 0 && ids.map.size > 0 && ids.link.size > 0);

    const told = performance.now();
    agent.child.kill(signal);
    const { code } = await agent.child.outcome();
    assert.ok(performance.now() - told <= EXIT_MS, `ended after ${performance.now() - told} ms`);
    if (signal !== "SIGKILL") assert.equal(code, 0);
    await untilFreed(ids);
  }));
}

Deno.test(needs(LIVE_KERNEL, "run answers under its paths, and refuses what it does not know", async () => {
  await using stage = new Stage();
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  await agent.value("ktm_status");
  assert.equal(await status(agent, "/healthz"), 200);
  assert.equal(await status(agent, "/metrics"), 200);
  assert.equal(await status(agent, "/readyz"), 503);
  assert.equal(await status(agent, "/"), 404);
  assert.equal(await status(agent, "/toString"), 404);
  assert.equal(await status(agent, "/metrics", "POST"), 405);
  assert.equal(await status(agent, "/metrics", "HEAD"), 200);
}));

Deno.test(needs(LIVE_KERNEL, "run speaks OpenMetrics to those who ask for it", async () => {
  await using stage = new Stage();
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  await agent.value("ktm_status");
  const plain = await agent.get("/metrics");
  assert.match(plain.headers.get("content-type") ?? "", /^text\/plain; *version=0\.0\.4/);
  assert.doesNotMatch(plain.text, /^# EOF$/m);
  const open = await agent.get("/metrics", {
    headers: { accept: "application/openmetrics-text; version=1.0.0" },
  });
  assert.match(open.headers.get("content-type") ?? "", /^application\/openmetrics-text; *version=1\.0\.0/);
  assert.match(open.text, /\n# EOF\n$/);
}));
