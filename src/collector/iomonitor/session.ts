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
import type { Sample } from "../../metrics/mod.ts";
import { syscallNumbers } from "../../syscall/mod.ts";
import { attachProbes, type ProbeStatus } from "./attach.ts";
import { sumCpus, toSamples } from "./counters.ts";
import {
  ARM64_TARGETS,
  onlyStrategies,
  PROBES,
  STRATEGIES,
  type StrategyName,
  whenPreemptible,
} from "./probes.ts";
import { MISSED_RUNS } from "./metrics.ts";
import { encodeScope, type Scope } from "./scope.ts";
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

/** Programs attached and a filter programmed; closing it takes everything out of the kernel. */
export class Session implements Disposable {
  readonly probes: readonly ProbeStatus[];
  readonly #object: BpfObject;
  readonly #layout: ReadonlyMap<string, FlatField>;
  #scope: Uint8Array<ArrayBuffer>;

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
      this.#layout = flatLayout(this.#object.spec.btf, "counters");
      this.#scope = this.#encode(scope);
      this.repair();
      const probes = kernelIsFullyPreemptible() ? whenPreemptible(PROBES) : PROBES;
      this.probes = attachProbes(this.#object, onlyStrategies(probes, strategies));
      if (this.probes.every(({ serving }) => serving === undefined)) {
        throw new Error(this.probes[0]?.failures[0]?.reason ?? "Cannot attach: no strategy is allowed");
      }
      this.#object.releaseKernelBtf();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #encode(scope: Scope): Uint8Array<ArrayBuffer> {
    const layout = flatLayout(this.#object.spec.btf, "ktm_scope");
    return encodeScope(scope, layout, this.#object.map("ktm_scope").valueSize);
  }

  /** Watches somebody else from now on; counters go on. */
  reprogram(scope: Scope): void {
    this.#scope = this.#encode(scope);
    this.repair();
  }

  /** Whether the filter in the kernel is what it should be. */
  isScopeIntact(): boolean {
    const value = this.#object.map("ktm_scope").lookup(SLOT_0);
    return value !== undefined && value.every((byte, index) => byte === this.#scope[index]);
  }

  /** Programs the filter as it should be. */
  repair(): void {
    this.#object.map("ktm_scope").update(SLOT_0, this.#scope);
  }

  #missedRuns(): bigint {
    const programs = new Set(this.probes.flatMap(({ serving }) => serving?.programs ?? []));
    return programs.values().reduce((sum, name) => sum + this.#object.program(name).misses(), 0n);
  }

  /** Reads the counters, those of one CPU as they were at one moment. */
  collect(): Sample[] {
    const map = this.#object.map("ktm_counters");
    const read = () => {
      const value = map.lookup(SLOT_0);
      if (value === undefined) throw new Error("Cannot read the counters: their map has no slot 0");
      return value;
    };
    const value = readSettled(read, map.valuesPerLookup);
    return [
      ...toSamples(sumCpus(value, map.valuesPerLookup), this.#layout, this.probes),
      { family: MISSED_RUNS, labels: {}, value: this.#missedRuns() },
    ];
  }

  close(): void {
    this.#object.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
