/** The module that watches one process's reads, page cache and reclaim. @module */
import {
  type DegradedTarget,
  discoverTarget,
  type Discovery,
  encodeCommPrefix,
  type Former,
  type KernelProcess,
  KernelProcesses,
  listProcesses,
  pidNamespace,
  placeExists,
  placeOf,
  type Process,
  ProcessHandle,
  showsOwnNamespace,
  type Target,
  type TargetState,
  targetState,
} from "../../discovery/mod.ts";
import { describeEnd, type LifeEnd, type LifeTarget, type Sample } from "../../metrics/mod.ts";
import { isShortage, monotonicMs, releaseStartupMemory, threadCpuMs } from "../../syscall/mod.ts";
import { momentOf, systemClock } from "../clock.ts";
import type { Module, ModuleHealth } from "../module.ts";
import type { ProbeStatus } from "./attach.ts";
import { Comeback, GRACE_MS } from "./comeback.ts";
import { lifeEndOf } from "./ending.ts";
import { type Action, type Event, type Phase, TRANSITIONS } from "./lifecycle.ts";
import { preflight } from "./preflight.ts";
import type { StrategyName } from "./probes.ts";
import type { CommFallback, Scope } from "./scope.ts";
import { Session } from "./session.ts";
import { EndCounts, Status, statusSamples } from "./status.ts";

/** Where the module says what happens; a host's logger fits. */
export interface IoMonitorLog {
  debug(message: string, properties?: Readonly<Record<string, unknown>>): void;
  info(message: string, properties?: Readonly<Record<string, unknown>>): void;
  warn(message: string, properties?: Readonly<Record<string, unknown>>): void;
  error(message: string, properties?: Readonly<Record<string, unknown>>): void;
}

/** Whom the module tells of the target's lives. */
export interface LifeObserver {
  /** The target is watched from now on, or more is known of the one that is. */
  begins(target: LifeTarget): void;
  /** Its life has ended; the samples are the last ones of it, none if they could not be read. */
  ends(end: LifeEnd, last: readonly Sample[]): void;
  /** Counters start from zero: what was collected so far belongs to another container. */
  restarts(): void;
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
  /** Whether the runs of the programs are reported, which the kernel has been told to count. */
  readonly selfStats?: boolean | undefined;
  readonly log: IoMonitorLog;
  readonly lives: LifeObserver;
  /** Milliseconds for which no namesake takes the place of a target that has ended; a minute unless given. */
  readonly graceMs?: number | undefined;
}

/** Milliseconds between two checks of the target, or searches for it. */
const LOOK_INTERVAL_MS = 1000;

/** A search waits this many times as long as the one before it kept a processor: that is its share of one. */
const SEARCH_SHARE = 2000;

/** What a check of the target means, and why. */
const EVENTS: Readonly<Record<TargetState, { readonly event: Event; readonly reason: string } | undefined>> =
  {
    running: undefined,
    stopped: { event: "ended", reason: "its process has ended, or has left its cgroup" },
    gone: { event: "removed", reason: "it has been removed, or another one has its name" },
  };

/** What the log says of a target. */
function described({ mode, reason, process, cgroup, others }: Target): Readonly<Record<string, unknown>> {
  return {
    mode,
    reason,
    // Without one in this PID namespace it has the number 0.
    pid: process?.pid || undefined,
    comm: process?.comm,
    cgroup: cgroup?.path ?? cgroup?.id,
    others: others.length > 0 ? others.map(({ pid, comm }) => pid || comm).join(",") : undefined,
  };
}

/** What is kept of a target with its life. */
function lifeTargetOf({ process, cgroup }: Target): LifeTarget {
  const directory = cgroup?.path ?? cgroup?.id;
  return {
    comm: process?.comm ?? "",
    ...process && process.pid > 0 && { pid: process.pid },
    ...directory !== undefined && { cgroup: String(directory) },
  };
}

function isSame(one: Process | undefined, other: Process | undefined): boolean {
  return one?.pid === other?.pid && one?.startTime === other?.startTime;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Watches a target, and looks for it while it is not there. */
export class IoMonitor implements Module {
  readonly name = "iomonitor";
  readonly #options: IoMonitorOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #phase: Phase = "waiting";
  /** Why it is in its phase. */
  #reason = "not started";
  #session: Session | undefined;
  #target: Target | undefined;
  /** The target's process, if it has one. */
  #process: ProcessHandle | undefined;
  readonly #comeback: Comeback;
  readonly #ends = new EndCounts();
  /** What went wrong at the latest look, if anything. */
  #fault: string | undefined;
  #kernel: KernelProcesses | undefined;
  #mayAskKernel = true;
  /** How long the latest search kept a processor. */
  #searchMs = LOOK_INTERVAL_MS / SEARCH_SHARE;
  #nextSearchMs = 0;

  /** Nothing is attached before {@linkcode start}. */
  constructor(options: IoMonitorOptions) {
    this.#options = options;
    this.#comeback = new Comeback(options.graceMs ?? GRACE_MS, placeExists);
  }

  /** How each probe is served; empty while nothing is attached. */
  get probes(): readonly ProbeStatus[] {
    return this.#session?.probes ?? [];
  }

  /** What is watched at the moment, if anything. */
  get target(): Target | undefined {
    return this.#target;
  }

  /** Looks for the target and attaches if it is there, else keeps looking. */
  start(): void {
    const fault = preflight();
    if (fault !== undefined) return this.#apply("refused", fault);
    // Once, /proc is quicker than loading an iterator.
    this.#search(listProcesses);
    if (this.#phase === "disabled") return;
    if (this.#session === undefined) {
      this.#loadIterator();
      releaseStartupMemory();
    }
    // After attaching: the first timer of a process loads Deno's timers, which takes longer than all programs.
    this.#timer = setInterval(() => this.#tryToLook(), LOOK_INTERVAL_MS);
  }

  /** Checks target and filter, then reads the counters. */
  collect(): Sample[] {
    if (this.#session?.isScopeIntact() === false) {
      this.#apply("damaged", "another process has written to its map");
    }
    // Counters are read also where the target cannot be checked, such as for want of descriptors.
    this.#tryToLook();
    return this.#samples();
  }

  #samples(): Sample[] {
    return [
      ...statusSamples(this.#status(), this.#phase === "active" ? this.#target : undefined, this.probes),
      ...this.#ends.samples(),
      ...this.#session?.collect() ?? [],
      ...this.#options.selfStats ? this.#session?.collectRuns() ?? [] : [],
    ];
  }

  /** Detaches everything. */
  stop(): void {
    clearInterval(this.#timer);
    this.#apply("stopped", "the agent stops to watch");
    this.#kernel?.[Symbol.dispose]();
    this.#kernel = undefined;
  }

  health(): ModuleHealth {
    if (this.#phase === "disabled") return { state: "disabled", reason: this.#reason };
    if (this.#target === undefined) return { state: "waiting", reason: this.#reason };
    if (this.#phase === "lost") return { state: "ended", reason: this.#reason };
    return { state: this.#target.mode, reason: this.#target.reason };
  }

  #status(): bigint {
    if (this.#session === undefined) return Status.DISABLED;
    return this.#target?.mode === "full" ? Status.FULL : Status.DEGRADED;
  }

  /** What each action of the table does. */
  readonly #actions: Readonly<Record<Action, () => void>> = {
    attach: () => {
      const { object, strategies } = this.#options;
      this.#session = new Session(object, this.#scope(), strategies);
    },
    reprogram: () => this.#session?.reprogram(this.#scope()),
    repair: () => this.#session?.repair(),
    detach: () => {
      this.#session?.close();
      this.#session = undefined;
    },
    restart: () => this.#options.lives.restarts(),
  };

  /** Ends a life, if one lasts, with its last samples. */
  #endLife(): LifeEnd {
    const now = momentOf(systemClock);
    const end = lifeEndOf({
      process: this.#target?.process,
      isRunning: this.#target?.process !== undefined && this.#process?.isRunning() === true,
      ends: this.#session?.ends() ?? [],
      now,
    });
    this.#ends.count(end);
    this.#comeback.ended(now.monotonicMs);
    this.#options.lives.ends(end, this.#lastSamples());
    return end;
  }

  #lastSamples(): readonly Sample[] {
    try {
      return this.#samples();
    } catch (error) {
      this.#options.log.warn("Cannot read the last counters of the target", { reason: messageOf(error) });
      return [];
    }
  }

  #beginLife(target: Target): void {
    const { process, cgroup } = target;
    if (process !== undefined) this.#comeback.watched(placeOf(cgroup, process), process);
    this.#options.lives.begins(lifeTargetOf(target));
  }

  /** Does what the table says of an event, with the target from then on, if it names one. */
  #apply(event: Event, reason: string, target?: Target): void {
    const transition = TRANSITIONS[this.#phase][event];
    if (transition === undefined) return;
    const { to, life, actions, level, message } = transition;
    const former = this.#target;
    const end = life?.startsWith("ends") ? this.#endLife() : undefined;
    if (target !== undefined) this.#setTarget(target);
    else if (to === "waiting" || to === "disabled") this.#setTarget(undefined);
    try {
      for (const action of actions) this.#actions[action]();
    } catch (error) {
      return isShortage(error) ? this.#retryLater(error) : this.#apply("refused", messageOf(error));
    }
    this.#phase = to;
    this.#reason = reason;
    if (life?.endsWith("begins") && target !== undefined) this.#beginLife(target);
    const ended = end && former && { how: describeEnd(end), ...lifeTargetOf(former) };
    // How it ended says more than that it is gone.
    const why = ended === undefined || end?.how === "unwatched" ? { reason } : {};
    this.#options.log[level](message, { ...ended, ...target === undefined ? why : described(target) });
    if (actions.includes("attach")) this.#tellOfProbes();
    if (to === "disabled") clearInterval(this.#timer);
  }

  /** Takes away what has been attached: the next search tries again. */
  #retryLater(error: unknown): void {
    this.#actions.detach();
    this.#setTarget(undefined);
    this.#phase = "waiting";
    this.#wait(messageOf(error));
  }

  #setTarget(target: Target | undefined): void {
    this.#process?.[Symbol.dispose]();
    this.#process = target?.process && new ProcessHandle(target.process);
    this.#target = target;
  }

  #tellOfProbes(): void {
    for (const { probe, serving, failures } of this.probes) {
      if (serving === undefined) this.#options.log.warn("A probe cannot be attached", { probe, failures });
    }
    releaseStartupMemory();
  }

  #scope(): Scope {
    const { commPrefix, commFallback } = this.#options;
    return { cgroup: this.#target?.cgroup, commPrefix, commFallback, pidNamespace: pidNamespace() };
  }

  /** Loads the iterator while this process may still do everything. It is no search, whose time puts off the next. */
  #loadIterator(): void {
    try {
      this.#askKernel();
    } catch (error) {
      this.#wait(messageOf(error));
    }
  }

  /** Lists the processes that match as the kernel knows them; none if it does not tell. */
  readonly #askKernel = (): readonly KernelProcess[] => {
    if (!this.#mayAskKernel) return [];
    try {
      this.#kernel ??= new KernelProcesses(encodeCommPrefix(this.#options.commPrefix));
      return this.#kernel.list();
    } catch (error) {
      if (isShortage(error)) throw error;
      this.#mayAskKernel = false;
      this.#options.log.info("Searching /proc: the kernel does not list processes", {
        reason: messageOf(error),
      });
      return [];
    }
  };

  /** The processes that match: by the kernel's iterator, which takes a small part of the time. */
  readonly #candidates = (prefix: Uint8Array): readonly Process[] => {
    const known = this.#askKernel();
    return this.#mayAskKernel && (known.length > 0 || showsOwnNamespace()) ? known : listProcesses(prefix);
  };

  /** Checks the target; what goes wrong is logged once. */
  #tryToLook(): void {
    try {
      this.#look();
      this.#fault = undefined;
    } catch (error) {
      const fault = messageOf(error);
      if (fault !== this.#fault) this.#options.log.warn("Target check failed", { reason: fault });
      this.#fault = fault;
    }
  }

  /** Checks the target if there is one, and searches for it if not. */
  #look(): void {
    if (this.#phase === "active" || this.#phase === "lost") this.#check();
    // The check may have made a search due, and the first search would put the second one off.
    if (monotonicMs() < this.#nextSearchMs) return;
    if (this.#phase === "waiting" || this.#phase === "lost") return this.#search(this.#candidates);
    if (this.#phase === "active" && this.#target?.mode === "degraded") this.#improve(this.#target);
    if (this.#phase === "active" && this.#comeback.home() !== undefined) this.#goHome();
  }

  #check(): void {
    const state = targetState(this.#target!, {
      askKernel: this.#askKernel,
      isRunning: () => this.#process?.isRunning() ?? false,
    });
    const seen = EVENTS[state];
    if (seen === undefined) return;
    if (this.#phase === "active") this.#nextSearchMs = 0;
    this.#apply(seen.event, seen.reason);
  }

  #discover(candidates: readonly Process[], former?: Former): Discovery {
    const { commPrefix, cgroupPath } = this.#options;
    return discoverTarget({ commPrefix, cgroupPath, candidates, former, askKernel: this.#askKernel });
  }

  /** Looks whether the cgroup of a target that is watched by its comm can be told by now. */
  #improve({ process }: DegradedTarget): void {
    const discovery = this.#timed(() => this.#discover([process]));
    if (discovery.found && discovery.target.mode === "full") {
      this.#apply("found", discovery.target.reason, discovery.target);
    }
  }

  /** Looks whether the target whose place another one has taken is back. */
  #goHome(): void {
    const prefix = encodeCommPrefix(this.#options.commPrefix);
    const discovery = this.#timed(() => this.#discover(this.#candidates(prefix), this.#comeback.home()));
    // A place that no mount shows cannot be told from others: the process that is watched may seem to be in it.
    if (!discovery.found || isSame(discovery.target.process, this.#target?.process)) return;
    this.#apply("found-elsewhere", discovery.target.reason, discovery.target);
  }

  /** Searches among the processes that match, and watches what is found. */
  #search(list: (prefix: Uint8Array) => readonly Process[]): void {
    try {
      const prefix = encodeCommPrefix(this.#options.commPrefix);
      const former = this.#comeback.former(monotonicMs());
      const discovery = this.#timed(() => this.#discover(list(prefix), former));
      if (!discovery.found) return this.#wait(discovery.reason);
      const { target } = discovery;
      if (target.mode === "degraded" && this.#options.commFallback === "never") {
        return this.#wait(`${target.reason}; comm_fallback=never, and no cgroup to filter by`);
      }
      const isElsewhere = this.#phase === "lost" && this.#target?.cgroup?.id !== target.cgroup?.id;
      this.#apply(isElsewhere ? "found-elsewhere" : "found", target.reason, target);
    } catch (error) {
      this.#wait(messageOf(error));
    }
  }

  /** Searches, for a small share of the time: the next search has to wait. */
  #timed(search: () => Discovery): Discovery {
    const start = threadCpuMs();
    try {
      return search();
    } finally {
      // What runs for the first time takes much longer than it ever will again.
      this.#searchMs = Math.min(threadCpuMs() - start, 2 * this.#searchMs);
      // The timer is not exact.
      this.#nextSearchMs = monotonicMs() + this.#searchMs * SEARCH_SHARE - LOOK_INTERVAL_MS / 2;
    }
  }

  /** Logs once why there is no target. */
  #wait(reason: string): void {
    if (this.#reason !== reason) this.#options.log.warn("Waiting for the target", { reason });
    this.#reason = reason;
  }
}
