/** The module that watches one process's reads, page cache and reclaim. @module */
import { discoverTarget, pidNamespace, type Target, targetState } from "../../discovery/mod.ts";
import type { Sample } from "../../metrics/mod.ts";
import { releaseStartupMemory } from "../../syscall/mod.ts";
import type { Module, ModuleHealth } from "../module.ts";
import type { ProbeStatus } from "./attach.ts";
import { preflight } from "./preflight.ts";
import type { StrategyName } from "./probes.ts";
import type { CommFallback, Scope } from "./scope.ts";
import { Session } from "./session.ts";
import { Status, statusSamples } from "./status.ts";

/** Where the module says what happens; a host's logger fits. */
export interface IoMonitorLog {
  info(message: string, properties?: Readonly<Record<string, unknown>>): void;
  warn(message: string, properties?: Readonly<Record<string, unknown>>): void;
  error(message: string, properties?: Readonly<Record<string, unknown>>): void;
}

/** What the module works with. */
export interface IoMonitorOptions {
  /** The object file with the programs. */
  readonly object: Uint8Array;
  readonly commPrefix: string;
  readonly commFallback: CommFallback;
  /** The target's cgroup, if it is not to be found by comm. */
  readonly cgroupPath?: string | undefined;
  /** The ways to attach that may be tried; all of them unless given. */
  readonly strategies?: readonly StrategyName[] | undefined;
  readonly log: IoMonitorLog;
  /** Called before counters start from zero for another container, so that old values can be dropped. */
  readonly onNewTarget: () => void;
}

/** Milliseconds between two looks for a target that is not there. */
const PROBE_INTERVAL_MS = 1000;

/** Watches a target, and looks for it while it is not there. */
export class IoMonitor implements Module {
  readonly name = "iomonitor";
  readonly #options: IoMonitorOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #session: Session | undefined;
  #target: Target | undefined;
  #isTargetUp = false;
  #disabled: string | undefined;
  #waiting = "not started";

  /** Nothing is attached before {@linkcode start}. */
  constructor(options: IoMonitorOptions) {
    this.#options = options;
  }

  /** How each probe is served; empty while nothing is attached. */
  get probes(): readonly ProbeStatus[] {
    return this.#session?.probes ?? [];
  }

  /** What is watched at the moment, if anything. */
  get target(): Target | undefined {
    return this.#target;
  }

  /** Looks for the target and attaches if it is there, else keeps looking once a second. */
  start(): void {
    this.#disable(preflight());
    if (this.#disabled !== undefined) return;
    this.#seek();
    if (this.#session === undefined) releaseStartupMemory();
    // After attaching: the first timer of a process loads Deno's timers, which takes longer than all programs.
    this.#keepSeeking();
  }

  /** Checks target and filter, then reads the counters. */
  collect(): Sample[] {
    this.#checkTarget();
    const status = this.#session === undefined
      ? Status.DISABLED
      : this.#target?.mode === "full"
      ? Status.FULL
      : Status.DEGRADED;
    return [
      ...statusSamples(status, this.#isTargetUp, this.probes),
      ...this.#session?.collect() ?? [],
    ];
  }

  /** Detaches everything. */
  stop(): void {
    this.#stopSeeking();
    this.#detach();
  }

  health(): ModuleHealth {
    if (this.#disabled !== undefined) return { state: "disabled", reason: this.#disabled };
    if (this.#target === undefined) return { state: "waiting", reason: this.#waiting };
    return { state: this.#target.mode, reason: this.#target.reason };
  }

  #disable(reason: string | undefined): void {
    if (reason === undefined) return;
    this.#disabled = reason;
    this.#stopSeeking();
    this.#detach();
    this.#options.log.error("iomonitor is disabled", { reason });
  }

  #detach(): void {
    this.#session?.close();
    this.#session = undefined;
    this.#target = undefined;
    this.#isTargetUp = false;
  }

  /** Says once why there is nobody to watch. */
  #wait(reason: string): void {
    if (this.#waiting !== reason) this.#options.log.warn("Waiting for the target", { reason });
    this.#waiting = reason;
  }

  /** Looks again and again while the target is not there; a timer beside a target would only cost time. */
  #keepSeeking(): void {
    if (this.#isTargetUp || this.#disabled !== undefined) return;
    this.#timer ??= setInterval(() => this.#seek(), PROBE_INTERVAL_MS);
  }

  #stopSeeking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #seek(): void {
    const { commPrefix, cgroupPath, commFallback } = this.#options;
    try {
      const discovery = discoverTarget({ commPrefix, cgroupPath });
      if (!discovery.found) return this.#wait(discovery.reason);
      if (discovery.target.mode === "degraded" && commFallback === "never") {
        return this.#wait(`${discovery.target.reason}; comm_fallback never leaves nothing to filter by`);
      }
      this.#watch(discovery.target);
    } catch (error) {
      this.#wait(error instanceof Error ? error.message : String(error));
    }
  }

  /** Watches a target: with counters that go on if its cgroup is the one watched so far. */
  #watch(target: Target): void {
    if (this.#session !== undefined && this.#target?.cgroup?.id !== target.cgroup?.id) {
      this.#detach();
      this.#options.onNewTarget();
    }
    const { object, strategies } = this.#options;
    try {
      this.#session ??= new Session(object, this.#scopeOf(target), strategies);
    } catch (error) {
      return this.#disable(error instanceof Error ? error.message : String(error));
    }
    this.#target = target;
    this.#isTargetUp = true;
    this.#stopSeeking();
    this.#waiting = "";
    const { mode, reason, process, cgroup, others } = target;
    this.#options.log.info("Watching the target", {
      mode,
      reason,
      pid: process?.pid,
      comm: process?.comm,
      cgroup: cgroup?.path,
      others: others.length > 0 ? others.map(({ pid }) => pid).join(",") : undefined,
    });
    for (const { probe, serving, failures } of this.probes) {
      if (serving === undefined) this.#options.log.warn("A probe cannot be attached", { probe, failures });
    }
    releaseStartupMemory();
  }

  #scopeOf({ cgroup }: Target): Scope {
    const { commPrefix, commFallback } = this.#options;
    return { cgroup, commPrefix, commFallback, pidNamespace: pidNamespace() };
  }

  #checkTarget(): void {
    if (this.#session === undefined || this.#target === undefined) return;
    if (!this.#session.isScopeIntact()) {
      this.#session.repair();
      this.#options.log.warn("The filter in the kernel had been changed and is repaired");
    }
    if (!this.#isTargetUp) return;
    const state = targetState(this.#target);
    if (state === "running") return;
    this.#isTargetUp = false;
    if (state === "gone") {
      this.#detach();
      this.#options.onNewTarget();
    }
    this.#seek();
    this.#keepSeeking();
  }
}
