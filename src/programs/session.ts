/** The programs of one object while they watch. @module */
import { type BtfInput, flatLayout } from "../elf/mod.ts";
import {
  BpfHelper,
  type BpfMap,
  BpfObject,
  hasHelper,
  kernelIsFullyPreemptible,
  type OpenOptions,
  SLOT_0,
} from "../loader/mod.ts";
import type { MetricFamily, Sample } from "../metrics/mod.ts";
import { attachProbes, type ProbeStatus } from "./attach.ts";
import { followedCalls, type WatchedCall } from "./calls.ts";
import { samplerOf, sumCpus, type Totals } from "./counters.ts";
import type { CounterMetric, LatencyMetric } from "./metric.ts";
import { onlyStrategies, type Probe, STRATEGIES, type StrategyName } from "./probe.ts";
import { readSettled } from "./settled.ts";
import { MISSED_RUNS, probeSamples, PROGRAM_RUNS, PROGRAM_TIME } from "./status.ts";

/** Maps that the objects of all modules share, by their names in each object. */
export type SharedMaps = Readonly<Record<string, BpfMap>>;

/** What a module's programs are, and what is made of what they count. */
export interface ProbeSet {
  /** The module's name, which the metrics of its probes have as a label. */
  readonly name: string;
  /** The object file. Its counters are a `struct counters` in the map `ktm_counters`. */
  readonly object: Uint8Array;
  readonly probes: readonly Probe[];
  readonly counters: readonly CounterMetric[];
  readonly latencies: readonly LatencyMetric[];
  /** What its variables have to be on this machine; nothing unless given. */
  readonly constants?: () => Readonly<Record<string, BtfInput>>;
  /** What programs attach to on this machine, where it differs from what their section names say. */
  readonly targets?: () => Readonly<Record<string, string>>;
}

/** The families of the metrics that a set of probes makes. */
export function familiesOf({ counters, latencies }: ProbeSet): MetricFamily[] {
  return [...new Set([...latencies, ...counters].map(({ family }) => family))];
}

/** The map for the state of threads that objects have on this kernel, and the one that they do not have. */
export function threadStates(): { readonly present: string; readonly absent: string } {
  return hasHelper(BpfHelper.TASK_STORAGE_GET)
    ? { present: "ktm_tasks", absent: "ktm_threads" }
    : { present: "ktm_threads", absent: "ktm_tasks" };
}

/**
 * What every object has to know of this machine.
 *
 * @param maps what it shares with other objects
 */
export function openOptions({ constants, targets }: ProbeSet, maps: SharedMaps = {}): OpenOptions {
  return {
    constants: {
      has_task_storage: Number(hasHelper(BpfHelper.TASK_STORAGE_GET)),
      has_ancestor_helper: Number(hasHelper(BpfHelper.GET_CURRENT_ANCESTOR_CGROUP_ID)),
      ...constants?.(),
    },
    // What is watched is never in a module; reading the BTF of all of them takes time.
    modules: false,
    maps,
    absentMaps: [threadStates().absent],
    targets: targets?.() ?? {},
  };
}

/**
 * Opens a module's object; nothing is loaded yet.
 *
 * @param maps what it shares with other objects
 */
export function openObject(set: ProbeSet, maps: SharedMaps = {}): BpfObject {
  return new BpfObject(set.object, openOptions(set, maps));
}

/** Reads a per-CPU map of 64-bit counters with one slot, each CPU as it was at one moment, and adds them up. */
export function readCounters(map: BpfMap): Totals {
  const read = () => {
    const value = map.lookup(SLOT_0);
    if (value === undefined) throw new Error("Cannot read the counters: their map has no slot 0");
    return value;
  };
  return sumCpus(readSettled(read, map.valuesPerLookup), map.valuesPerLookup);
}

/** Programs attached; closing it takes them out of the kernel. */
export class ProbeSession implements Disposable {
  readonly probes: readonly ProbeStatus[];
  readonly #object: BpfObject;
  /** The programs that serve, as the labels of their metrics: the recorder knows a series again by them. */
  readonly #programs: readonly { readonly module: string; readonly program: string }[];
  readonly #labels: { readonly module: string };
  readonly #probeSamples: readonly Sample[];
  readonly #toSamples: (totals: Totals) => Sample[];
  /** The calls that the state of a thread tells of. */
  readonly calls: readonly WatchedCall[];

  /**
   * Loads and attaches everything.
   *
   * @param set what is attached
   * @param object the set's, opened; it is closed with the session, also if this fails
   * @param strategies the ways to attach that may be tried; all unless a test wants a certain one
   * @throws {Error} if descriptors or memory ran out; that the kernel refuses a probe is no error
   */
  constructor(set: ProbeSet, object: BpfObject, strategies: readonly StrategyName[] = STRATEGIES) {
    this.#object = object;
    this.#labels = { module: set.name };
    try {
      this.probes = attachProbes(object, onlyStrategies(set.probes, strategies), kernelIsFullyPreemptible);
      const programs = new Set(this.probes.flatMap(({ serving }) => serving?.programs ?? []));
      this.#programs = [...programs].map((program) => ({ module: set.name, program }));
      this.calls = followedCalls(set.probes, this.probes);
      this.#toSamples = samplerOf(flatLayout(object.spec.btf, "counters"), set, this.probes);
      this.#probeSamples = probeSamples(set.name, this.probes);
      object.releaseKernelBtf();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Why no probe at all is attached; undefined if one is. */
  get failure(): string | undefined {
    if (this.probes.some(({ serving }) => serving !== undefined)) return undefined;
    return this.probes[0]?.failures[0]?.reason ?? "Cannot attach: no strategy is allowed";
  }

  /** Whether a probe is attached. */
  isAttached(probe: string): boolean {
    return this.probes.some((status) => status.probe === probe && status.serving !== undefined);
  }

  /** Reads the counters, and says how each probe is served. */
  collect(): Sample[] {
    const missed = this.#programs.reduce(
      (sum, { program }) => sum + this.#object.program(program).misses(),
      0n,
    );
    return [
      ...this.#probeSamples,
      ...this.#toSamples(readCounters(this.#object.map("ktm_counters"))),
      { family: MISSED_RUNS, labels: this.#labels, value: missed },
    ];
  }

  /** What the kernel says of each program's runs, while it counts them. */
  collectRuns(): Sample[] {
    const runs = this.#programs.map((labels) => ({ labels, ...this.#object.program(labels.program).runs() }));
    return [
      ...runs.map(({ labels, count }) => ({ family: PROGRAM_RUNS, labels, value: count })),
      ...runs.map(({ labels, nanoseconds }) => ({ family: PROGRAM_TIME, labels, value: nanoseconds })),
    ];
  }

  close(): void {
    this.#object.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
