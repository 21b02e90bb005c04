/** Whose events count: every combination of filter and process, with exact numbers. */
import assert from "node:assert/strict";
import { processId, stat } from "../../src/syscall/mod.ts";
import type { CommFallback, Scope } from "../../src/target/mod.ts";
import { Pod } from "../support/kernel/pod.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { type Done, Workload } from "../support/target/workload.ts";
import { type Values, Watch } from "../support/watch.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const FALLBACKS: readonly CommFallback[] = ["always", "when-unset", "never"];

/** A process, and what of it a filter may ask for. */
interface Actor {
  readonly name: string;
  readonly hasComm: boolean;
  readonly isInCgroup: boolean;
  readonly isInPod: boolean;
}

const ACTORS: readonly Actor[] = [
  { name: "the target", hasComm: true, isInCgroup: true, isInPod: false },
  { name: "its child of another name in a nested cgroup", hasComm: false, isInCgroup: true, isInPod: true },
  { name: "its namesake elsewhere", hasComm: true, isInCgroup: false, isInPod: false },
  { name: "its namesake in a pod", hasComm: true, isInCgroup: false, isInPod: true },
  { name: "a stranger", hasComm: false, isInCgroup: false, isInPod: false },
  { name: "a stranger in a pod", hasComm: false, isInCgroup: false, isInPod: true },
];

/** A filter: by cgroup or not, in which mode, and narrowed to the pod or not. */
interface Filter {
  readonly hasCgroup: boolean;
  readonly fallback: CommFallback;
  readonly isNarrowed: boolean;
}

const FILTERS: readonly Filter[] = [true, false].flatMap((hasCgroup) =>
  FALLBACKS.flatMap((fallback) => [true, false].map((isNarrowed) => ({ hasCgroup, fallback, isNarrowed })))
);

/** By which rule of T6 the events of a process count. */
function ruleOf({ hasCgroup, fallback, isNarrowed }: Filter, actor: Actor): "cgroup" | "comm" | undefined {
  if (hasCgroup && actor.isInCgroup) return "cgroup";
  const mayDecide = fallback === "always" || (fallback === "when-unset" && !hasCgroup);
  return mayDecide && actor.hasComm && (actor.isInPod || !isNarrowed) ? "comm" : undefined;
}

const SERIES = [
  "ktm_sys_read_latency_seconds_count",
  "ktm_sys_read_bytes_total",
  "ktm_sys_read_errors_total",
  "ktm_sys_pread_latency_seconds_count",
  "ktm_sys_pread_bytes_total",
  "ktm_sys_pread_errors_total",
  "ktm_scope_fallback_events_total",
] as const;

function seen(values: Values): Record<string, bigint> {
  return Object.fromEntries(SERIES.map((series) => [series, values.get(series)!]));
}

/** What is to be counted of what a process did. */
function expected({ read, pread, again }: Done, rule: "cgroup" | "comm" | undefined): Record<string, bigint> {
  const events = read[0] + read[2] + pread[0] + pread[2] + again;
  const numbers = [...read, ...pread, rule === "comm" ? events : 0];
  return Object.fromEntries(
    SERIES.map((series, index) => [series, rule === undefined ? 0n : BigInt(numbers[index]!)]),
  );
}

/** What a filter is made of. */
async function place(stage: Stage) {
  const pod = await Pod.start(stage);
  const nested = stage.makeCgroup("/nested");
  const other = stage.makeCgroup("-other");
  const scope = ({ hasCgroup, fallback, isNarrowed }: Filter): Scope => ({
    cgroup: hasCgroup ? { id: stat(stage.cgroup).inode, level: 1 } : undefined,
    commPrefix: stage.prefix,
    commFallback: fallback,
    pidNamespace: isNarrowed ? pod.namespace : undefined,
  });
  const start = async ({ name, hasComm, isInCgroup, isInPod }: Actor) => {
    const cgroup = !isInCgroup ? other : name === "the target" ? stage.cgroup : nested;
    const comm = hasComm ? `${stage.prefix}-db` : `x${stage.prefix}`;
    return await Workload.start(stage, comm, cgroup, isInPod ? pod.enter() : []);
  };
  const workloads: Workload[] = [];
  for (const actor of ACTORS) workloads.push(await start(actor));
  return { scope, workloads };
}

Deno.test({
  ...needs([...LIVE_KERNEL, "cc", "unshare", "nsenter"], "only what a filter asks for counts", () => {}),
  fn: async (t) => {
    await using stage = new Stage();
    const { scope, workloads } = await place(stage);
    using watch = new Watch(stage.cgroup);
    for (const filter of FILTERS) {
      const { hasCgroup, fallback, isNarrowed } = filter;
      const where = `${hasCgroup ? "a" : "no"} cgroup, ${fallback}, ${
        isNarrowed ? "a pod" : "any"
      } namespace`;
      await t.step(where, async () => {
        watch.target.reprogram(scope(filter));
        watch.since();
        for (const [index, actor] of ACTORS.entries()) {
          const done = await workloads[index]!.do("calls");
          assert.ok(done.read[0] > 0 && done.read[2] > 0 && done.pread[0] > 0 && done.pread[2] > 0);
          assert.deepEqual(seen(watch.since()), expected(done, ruleOf(filter, actor)), actor.name);
        }
      });
    }
  },
});

Deno.test(
  needs(
    [...LIVE_KERNEL, "cc"],
    "a call that spans a change of the filter counts if nothing has changed, and else for nobody",
    async () => {
      await using stage = new Stage();
      const target = await Workload.start(stage, `${stage.prefix}-db`, stage.cgroup);
      using watch = new Watch(stage.cgroup);
      const own: Scope = {
        cgroup: { id: stat(stage.cgroup).inode, level: 1 },
        commPrefix: "nobody",
        commFallback: "never",
      };
      const changes: readonly (readonly [counted: boolean, changes: readonly Scope[]])[] = [
        [true, [own, own]],
        [false, [{ ...own, commPrefix: "somebody" }, own]],
      ];
      for (const [isCounted, scopes] of changes) {
        await target.do("block");
        watch.since();
        for (const scope of scopes) watch.target.reprogram(scope);
        const { read: [succeeded, bytes] } = await target.do("release");
        const values = watch.since();
        const missing = isCounted ? 0 : 1;
        assert.equal(values.get("ktm_sys_read_latency_seconds_count"), BigInt(succeeded - missing));
        assert.equal(values.get("ktm_sys_read_bytes_total"), BigInt(bytes - missing));
      }
    },
  ),
);
