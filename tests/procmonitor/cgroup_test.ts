/** Pressure and memory: procmonitor beside the files of the cgroup. */
import assert from "node:assert/strict";
import { mountsOfType, processId } from "../../src/syscall/mod.ts";
import { removeCgroup } from "../support/kernel/cgroup.ts";
import { ktm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs, unless } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { isInMemory, targetOf, Threads, Watching } from "./harness.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = [...LIVE_KERNEL, "cc"] as const;

const isThere = (path: string) => {
  try {
    Deno.readTextFileSync(path);
    return true;
  } catch {
    return false;
  }
};

/** The microseconds of a line of a pressure file. */
function total(path: string, kind: string): number | undefined {
  const match = new RegExp(`^${kind} .*total=(\\d+)$`, "m").exec(Deno.readTextFileSync(path));
  return match === null ? undefined : Number(match[1]);
}

const noPressure = isThere("/proc/pressure/cpu") ? undefined : "this kernel keeps no pressure";

Deno.test(unless(
  noPressure,
  needs(NEEDED, "pressure is what the files of the cgroup say", async () => {
    await using stage = new Stage();
    const threads = await Threads.start(stage);
    using watching = new Watching(targetOf(threads.pid, stage.cgroup));
    await threads.do("spin 8");
    await until("pressure", () => watching.value("ktm_pressure_stall_seconds_total cpu some") > 1e8);
    for (const resource of ["cpu", "io", "memory"]) {
      for (const kind of ["some", "full"]) {
        const path = `${stage.cgroup}/${resource}.pressure`;
        const before = total(path, kind);
        const value = watching.read().get(`ktm_pressure_stall_seconds_total ${resource} ${kind}`);
        const after = total(path, kind);
        if (before === undefined) assert.equal(value, undefined);
        else assert.ok(before * 1000 <= value! && value! <= after! * 1000, `${before} ${value} ${after}`);
      }
    }
  }),
));

/** Where the controller of memory is, of version 1 or 2. */
function memoryRoot(): { readonly version: 1 | 2; readonly path: string } | undefined {
  const [v1] = mountsOfType("cgroup").map(({ mountPoint }) => mountPoint)
    .filter((path) => isThere(`${path}/memory.usage_in_bytes`));
  if (v1 !== undefined) return { version: 1, path: v1 };
  const [v2] = mountsOfType("cgroup2").map(({ mountPoint }) => mountPoint)
    .filter((path) => Deno.readTextFileSync(`${path}/cgroup.controllers`).includes("memory"));
  return v2 === undefined ? undefined : { version: 2, path: v2 };
}

const makeCgroup = (path: string) => Deno.mkdirSync(path);

const write = (path: string, value: string) => Deno.writeTextFileSync(path, value);

const text = (path: string) => Deno.readTextFileSync(path);

const MEBIBYTE = 2 ** 20;

Deno.test(
  needs(
    NEEDED,
    "memory is what the files of the controller say, and the limit the lowest above",
    async () => {
      const root = memoryRoot();
      assert.ok(root, "no memory controller is mounted");
      await using stage = new Stage();
      const upper = root.version === 1 ? `${root.path}/ktm-test-${stage.prefix}` : stage.cgroup;
      const lower = `${upper}/lower`;
      const [current, limit, none] = root.version === 1
        ? ["memory.usage_in_bytes", "memory.limit_in_bytes", "-1"]
        : ["memory.current", "memory.max", "max"];
      if (root.version === 1) makeCgroup(upper);
      else {
        write(`${root.path}/cgroup.subtree_control`, "+memory");
        write(`${upper}/cgroup.subtree_control`, "+memory");
      }
      makeCgroup(lower);
      try {
        const threads = await Threads.start(stage, root.version === 1 ? stage.cgroup : lower);
        write(`${lower}/cgroup.procs`, String(threads.pid));
        using watching = new Watching(targetOf(threads.pid, root.version === 1 ? stage.cgroup : lower));
        const limitNow = () => watching.read().get("ktm_memory_limit_bytes");
        assert.equal(limitNow(), undefined);
        write(`${upper}/${limit}`, String(32 * MEBIBYTE));
        assert.equal(limitNow(), 32 * MEBIBYTE);
        write(`${lower}/${limit}`, String(16 * MEBIBYTE));
        assert.equal(limitNow(), 16 * MEBIBYTE);
        write(`${lower}/${limit}`, String(64 * MEBIBYTE));
        assert.equal(limitNow(), 32 * MEBIBYTE);
        write(`${upper}/${limit}`, none!);
        const inMemory = isInMemory(stage.directory);
        write(`${lower}/${limit}`, String((inMemory ? 32 : 4) * MEBIBYTE));
        await threads.do(`write ${stage.directory}/file ${(inMemory ? 2 : 16) * MEBIBYTE}`);
        await until("memory at rest", () => {
          const [before, value, after] = [
            Number(text(`${lower}/${current}`)),
            watching.value("ktm_memory_current_bytes"),
            Number(text(`${lower}/${current}`)),
          ];
          return before === value && value === after && value > MEBIBYTE;
        });
        const events = root.version === 1
          ? Number(text(`${lower}/memory.failcnt`))
          : Number(/^max (\d+)$/m.exec(text(`${lower}/memory.events`))![1]);
        assert.ok(events > 0 || inMemory);
        assert.equal(watching.value("ktm_memory_events_total max"), events);
        assert.equal(watching.value("ktm_memory_events_total oom_kill"), 0);
        await threads.child.endInput();
        await threads.child.outcome();
      } finally {
        await removeCgroup(lower);
        if (root.version === 1) await removeCgroup(upper);
      }
    },
  ),
);

Deno.test(needs(NEEDED, "a process that is killed for memory is an event", async () => {
  const root = memoryRoot();
  assert.ok(root, "no memory controller is mounted");
  await using stage = new Stage();
  const path = root.version === 1 ? `${root.path}/ktm-test-${stage.prefix}` : stage.cgroup;
  const limit = root.version === 1 ? "memory.limit_in_bytes" : "memory.max";
  if (root.version === 1) makeCgroup(path);
  else write(`${root.path}/cgroup.subtree_control`, "+memory");
  try {
    const threads = await Threads.start(stage);
    const victim = stage.start("sh", ["-c", "read go; exec tail /dev/zero"], stage.cgroup, {
      stdin: "piped",
    });
    for (const { pid } of [threads, victim]) write(`${path}/cgroup.procs`, String(pid));
    using watching = new Watching(targetOf(threads.pid, stage.cgroup));
    assert.equal(watching.value("ktm_memory_events_total oom_kill"), 0);
    write(`${path}/${limit}`, String(24 * MEBIBYTE));
    await victim.write("go\n");
    assert.notEqual((await victim.outcome()).code, 0);
    assert.equal(watching.value("ktm_memory_events_total oom_kill"), 1);
    await threads.child.endInput();
    await threads.child.outcome();
  } finally {
    if (root.version === 1) await removeCgroup(path);
  }
}));

Deno.test(needs(NEEDED, "what is not visible is absent, not 0", async () => {
  await using stage = new Stage();
  const threads = await Threads.start(stage);
  const target = targetOf(threads.pid, stage.cgroup);
  assert.equal(target.mode, "full");
  using watching = new Watching({
    ...target,
    mode: "full",
    cgroup: { id: 5n, level: 1 },
    process: target.process!,
  });
  assert.ok([...watching.read().keys()].every((name) => !/^ktm_pressure/.test(name)));
  const [, pressure] = watching.monitor.check();
  assert.equal(pressure!.detail, "no mount shows the target's cgroup");
  watching.target = { ...watching.target!, mode: "full", cgroup: { path: "/proc/self", id: 5n, level: 1 } };
  assert.ok([...watching.read().keys()].every((name) => !/^ktm_pressure/.test(name)));
}));

Deno.test(
  needs(
    NEEDED,
    "a process that has the number of one that has ended is not asked for its cgroup",
    async () => {
      await using stage = new Stage();
      const threads = await Threads.start(stage);
      const target = targetOf(threads.pid, stage.cgroup);
      const process = { ...target.process!, startTime: target.process!.startTime - 1n };
      using watching = new Watching({ ...target, mode: "full", cgroup: { id: 5n, level: 1 }, process });
      assert.ok([...watching.read().keys()].every((name) => !/^ktm_memory/.test(name)));
    },
  ),
);

Deno.test(needs(NEEDED, "check tells what is visible of the cgroup of a target that is there", async () => {
  await using stage = new Stage();
  await Threads.start(stage);
  const { stdout } = await ktm(["check", "--comm-prefix", "threads", "--cgroup-path", stage.cgroup]);
  const there = isThere(`${stage.cgroup}/cpu.pressure`) ? "ok +pressure: /.*pressure" : "note +pressure: /";
  assert.match(stdout, new RegExp(`^${there}`, "m"));
  assert.match(stdout, /^(?:ok|note) +memory: /m);
}));
