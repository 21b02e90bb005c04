/** The programs while they watch one target. @module */
import { type FlatField, flatLayout } from "../../elf/mod.ts";
import {
  BpfHelper,
  BpfObject,
  hasHelper,
  kernelIsFullyPreemptible,
  type OpenOptions,
  SLOT_0,
} from "../../loader/mod.ts";
import { pidNamespace } from "../../discovery/mod.ts";
import { NO_LABELS, type Sample } from "../../metrics/mod.ts";
import { syscallNumbers } from "../../syscall/mod.ts";
import { attachProbes, type ProbeStatus } from "./attach.ts";
import { samplerOf, sumCpus, type Totals } from "./counters.ts";
import { type ProcessEnd, TargetEnds } from "./ends.ts";
import { MISSED_RUNS, PROGRAM_RUNS, PROGRAM_TIME } from "./metrics.ts";
import { ARM64_TARGETS, onlyStrategies, PROBES, STRATEGIES, type StrategyName } from "./probes.ts";
import { encodeFilter, encodeScope, type Scope } from "./scope.ts";
import { readSettled } from "./settled.ts";

/** What the object has to know of this machine. */
export function openOptions(): OpenOptions {
  const { read, pread64, fadvise64 } = syscallNumbers();
  const hasTaskStorage = hasHelper(BpfHelper.TASK_STORAGE_GET);
  return {
    constants: {
      nr_read: read,
      nr_pread64: pread64,
      nr_fadvise64: fadvise64,
      has_task_storage: Number(hasTaskStorage),
      has_ancestor_helper: Number(hasHelper(BpfHelper.GET_CURRENT_ANCESTOR_CGROUP_ID)),
    },
    // What iomonitor watches is never in a module; reading the BTF of all of them takes time.
    modules: false,
    absentMaps: [hasTaskStorage ? "ktm_threads" : "ktm_tasks"],
    targets: Deno.build.arch === "aarch64" ? ARM64_TARGETS : {},
  };
}

/** The size of a structure that ends with a field. */
function structSize(layout: ReadonlyMap<string, FlatField>): number {
  return Math.max(...layout.values().map(([offset, size]) => offset + size));
}

function isSame(bytes: Uint8Array, others: Uint8Array | undefined): boolean {
  return bytes.length === others?.length && bytes.every((byte, index) => byte === others[index]);
}

/** This process's number in the initial PID namespace: in another one only the kernel tells it. */
function agentTgid(object: BpfObject): number {
  if (pidNamespace() === undefined) return Deno.pid;
  const tgid = object.program("agent_tgid").run();
  object.unload("agent_tgid");
  return tgid;
}

/** Programs attached and a filter programmed; closing it takes everything out of the kernel. */
export class Session implements Disposable {
  readonly probes: readonly ProbeStatus[];
  /** The programs that serve, as the labels of their metrics: the recorder knows a series again by them. */
  readonly #programs: readonly { readonly program: string }[];
  readonly #object: BpfObject;
  readonly #agentTgid: number;
  readonly #toSamples: (totals: Totals) => Sample[];
  /** Where `oom_kills` is in the counters. */
  readonly #oomKillsAt: number;
  /** Undefined where the kernel does not let a program see the ends of processes. */
  readonly #ends: TargetEnds | undefined;
  /** The scope in force. */
  #scope: Uint8Array | undefined;
  /** What the filter's slot has to hold. */
  #filter: Uint8Array<ArrayBuffer> | undefined;

  /**
   * Loads and attaches everything, the filter being programmed before the first program runs.
   *
   * @param object the object file
   * @param scope whose events count
   * @param strategies the ways to attach that may be tried; all unless a test wants a certain one
   * @throws {Error} if no probe at all can be attached, with the first reason
   */
  constructor(object: Uint8Array, scope: Scope, strategies: readonly StrategyName[] = STRATEGIES) {
    this.#object = new BpfObject(object, openOptions());
    try {
      this.#agentTgid = agentTgid(this.#object);
      this.reprogram(scope);
      const probes = onlyStrategies(PROBES, strategies);
      this.probes = attachProbes(this.#object, probes, kernelIsFullyPreemptible);
      const programs = new Set(this.probes.flatMap(({ serving }) => serving?.programs ?? []));
      this.#programs = [...programs].map((program) => ({ program }));
      if (this.probes.every(({ serving }) => serving === undefined)) {
        throw new Error(this.probes[0]?.failures[0]?.reason ?? "Cannot attach: no strategy is allowed");
      }
      const layout = flatLayout(this.#object.spec.btf, "counters");
      this.#toSamples = samplerOf(layout, this.probes);
      this.#oomKillsAt = layout.get("oom_kills")![0] / 8;
      const seesEnds = this.probes.some(({ probe, serving }) =>
        probe === "process_end" && serving !== undefined
      );
      this.#ends = seesEnds ? new TargetEnds(this.#object, this.#agentTgid) : undefined;
      this.#object.releaseKernelBtf();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Watches somebody else from now on; calls that have begun are forgotten, counters go on. If it is whom it
   * watches already, nothing is forgotten.
   */
  reprogram(scope: Scope): void {
    const { btf } = this.#object.spec;
    const map = this.#object.map("ktm_scope");
    const layout = flatLayout(btf, "ktm_scope");
    const encoded = encodeScope({ ...scope, agentTgid: this.#agentTgid }, layout, structSize(layout));
    if (isSame(encoded, this.#scope)) return this.repair();
    this.#scope = encoded;
    const { prepared, final } = encodeFilter(
      encoded,
      flatLayout(btf, "ktm_filter"),
      this.#filter,
      map.valueSize,
    );
    if (prepared !== undefined) map.update(SLOT_0, prepared);
    this.#filter = final;
    this.repair();
  }

  /** Whether the filter in the kernel is what it should be. */
  isScopeIntact(): boolean {
    const value = this.#object.map("ktm_scope").lookup(SLOT_0);
    const filter = this.#filter;
    return value !== undefined && isSame(value, filter);
  }

  /** Programs the filter as it should be. */
  repair(): void {
    if (this.#filter !== undefined) this.#object.map("ktm_scope").update(SLOT_0, this.#filter);
  }

  #missedRuns(): bigint {
    return this.#programs.reduce((sum, { program }) => sum + this.#object.program(program).misses(), 0n);
  }

  /** What the kernel says of each program's runs, while it counts them. */
  collectRuns(): Sample[] {
    const runs = this.#programs.map((labels) => ({ labels, ...this.#object.program(labels.program).runs() }));
    return [
      ...runs.map(({ labels, count }) => ({ family: PROGRAM_RUNS, labels, value: count })),
      ...runs.map(({ labels, nanoseconds }) => ({ family: PROGRAM_TIME, labels, value: nanoseconds })),
    ];
  }

  /**
   * How processes in scope have ended since this session began, the newest last; of very many only the last ones. Empty
   * where the probe `process_end` is not attached.
   */
  ends(): readonly ProcessEnd[] {
    return this.#ends?.list() ?? [];
  }

  /** Processes in scope that the OOM killer chose and that have ended. */
  get oomKills(): bigint {
    return this.#totals()[this.#oomKillsAt]!;
  }

  /** Reads the counters, those of one CPU as they were at one moment. */
  collect(): Sample[] {
    return [...this.#toSamples(this.#totals()), {
      family: MISSED_RUNS,
      labels: NO_LABELS,
      value: this.#missedRuns(),
    }];
  }

  #totals(): Totals {
    const map = this.#object.map("ktm_counters");
    const read = () => {
      const value = map.lookup(SLOT_0);
      if (value === undefined) throw new Error("Cannot read the counters: their map has no slot 0");
      return value;
    };
    const late = this.#ends?.lateOomKills ?? 0n;
    const totals = sumCpus(readSettled(read, map.valuesPerLookup), map.valuesPerLookup);
    totals[this.#oomKillsAt]! += late;
    return totals;
  }

  close(): void {
    this.#object.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
