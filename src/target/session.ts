/** The filter in the kernel while one target is watched, and what sees how the target ends. @module */
import { type FlatField, flatLayout } from "../elf/mod.ts";
import { type BpfObject, SLOT_0 } from "../loader/mod.ts";
import { pidNamespace } from "../discovery/mod.ts";
import { NO_LABELS, type Sample } from "../metrics/mod.ts";
import {
  openObject,
  ProbeSession,
  type ProbeStatus,
  readCounters,
  type SharedMaps,
  type StrategyName,
  threadStates,
} from "../programs/mod.ts";
import { type ProcessEnd, TargetEnds } from "./ends.ts";
import { OOM_KILLS, PROCESS_END, TARGET_PROBES } from "./probes.ts";
import { encodeFilter, encodeScope, type Scope } from "./scope.ts";
import { FALLBACK_EVENTS, LOST_EVENTS } from "./status.ts";

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

/** The maps that all objects share. */
function sharedMaps(object: BpfObject): SharedMaps {
  const names = ["ktm_scope", "ktm_scope_events", threadStates().present];
  return Object.fromEntries(names.map((name) => [name, object.map(name)]));
}

/** A filter programmed, and programs attached that see the target's end; closing it takes all out of the kernel. */
export class TargetSession implements Disposable {
  /** What the programs of modules have to be opened with, so that they see the same target. */
  readonly maps: SharedMaps;
  readonly #object: BpfObject;
  readonly #probes: ProbeSession;
  readonly #agentTgid: number;
  /** Undefined where the kernel does not let a program see the ends of processes. */
  readonly #ends: TargetEnds | undefined;
  /** Where in the events' slot each of their counts is. */
  readonly #eventsAt: { readonly fallback: number; readonly lost: number };
  /** The scope in force. */
  #scope: Uint8Array | undefined;
  /** What the filter's slot has to hold. */
  #filter: Uint8Array<ArrayBuffer> | undefined;

  /**
   * Programs the filter, before the first program runs.
   *
   * @param scope whose events count
   * @param strategies the ways to attach that may be tried; all unless given
   * @throws {Error} if the kernel refuses the filter; that it refuses the programs costs their metrics alone
   */
  constructor(scope: Scope, strategies?: readonly StrategyName[]) {
    this.#object = openObject(TARGET_PROBES);
    try {
      this.#agentTgid = agentTgid(this.#object);
      this.maps = sharedMaps(this.#object);
      this.reprogram(scope);
      const layout = flatLayout(this.#object.spec.btf, "scope_events");
      this.#eventsAt = { fallback: layout.get("fallback")![0] / 8, lost: layout.get("lost")![0] / 8 };
      this.#probes = new ProbeSession(TARGET_PROBES, this.#object, strategies);
      this.#ends = this.#probes.isAttached(PROCESS_END)
        ? new TargetEnds(this.#object, this.#agentTgid)
        : undefined;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** How the ends of the target are seen. */
  get probes(): readonly ProbeStatus[] {
    return this.#probes.probes;
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

  /**
   * How processes in scope have ended since this session began, the newest last; of very many only the last ones. Empty
   * where the probe `process_end` is not attached.
   */
  ends(): readonly ProcessEnd[] {
    return this.#ends?.list() ?? [];
  }

  /** What no module can count for itself: ends, and what the filter let in or could not follow. */
  collect(): Sample[] {
    const late = this.#ends?.lateOomKills ?? 0n;
    const events = readCounters(this.#object.map("ktm_scope_events"));
    return [
      ...this.#probes.collect().map((sample) =>
        sample.family === OOM_KILLS.family && "value" in sample
          ? { ...sample, value: sample.value + late }
          : sample
      ),
      { family: FALLBACK_EVENTS, labels: NO_LABELS, value: events[this.#eventsAt.fallback]! },
      { family: LOST_EVENTS, labels: NO_LABELS, value: events[this.#eventsAt.lost]! },
    ];
  }

  /** What the kernel says of each program's runs, while it counts them. */
  collectRuns(): Sample[] {
    return this.#probes.collectRuns();
  }

  close(): void {
    this.#object.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
