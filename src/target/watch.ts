/** The one watch of the target: its life cycle, and the filter that all modules share. @module */
import {
  type DegradedTarget,
  type Former,
  isSameProcess,
  pidNamespace,
  placeExists,
  placeOf,
  type Process,
  ProcessHandle,
  type Target,
  type TargetState,
  targetState,
} from "../discovery/mod.ts";
import { describeShortcoming, firstShortcoming } from "../loader/mod.ts";
import { describeEnd, type Health, type LifeEnd, type Sample } from "../metrics/mod.ts";
import { type ProbeStatus, unserved } from "../programs/mod.ts";
import { momentOf, systemClock } from "../runtime/clock.ts";
import { releaseStartupMemory } from "../runtime/startup_memory.ts";
import { isShortage, messageOf, monotonicMs } from "../syscall/mod.ts";
import { Comeback, GRACE_MS } from "./comeback.ts";
import { described, lifeTargetOf } from "./described.ts";
import { lifeEndOf } from "./ending.ts";
import type { TargetFollower } from "./follower.ts";
import { Followers } from "./followers.ts";
import { type Action, type Event, type Phase, TRANSITIONS } from "./lifecycle.ts";
import type { TargetWatchOptions } from "./options.ts";
import type { Scope } from "./scope.ts";
import { LOOK_INTERVAL_MS, TargetSearch } from "./search.ts";
import { TargetSession } from "./session.ts";
import { EndCounts, Status, statusSamples } from "./status.ts";

/** The name of the watch beside those of modules: the source of its samples. */
export const TARGET = "target";

/** What a check of the target means, and why. */
const EVENTS: Readonly<Record<TargetState, { readonly event: Event; readonly reason: string } | undefined>> =
  {
    running: undefined,
    stopped: { event: "ended", reason: "its process has ended, or has left its cgroup" },
    gone: { event: "removed", reason: "it has been removed, or another one has its name" },
  };

/** Watches the target for all modules, and looks for it while it is not there. */
export class TargetWatch {
  readonly name = TARGET;
  readonly #options: TargetWatchOptions;
  readonly #search: TargetSearch;
  readonly #followers: Followers;
  readonly #comeback: Comeback;
  readonly #ends = new EndCounts();
  #timer: ReturnType<typeof setInterval> | undefined;
  #phase: Phase = "waiting";
  /** Why it is in its phase. */
  #reason = "not started";
  #session: TargetSession | undefined;
  #target: Target | undefined;
  /** The target's process, if it has one. */
  #process: ProcessHandle | undefined;
  /** What went wrong at the latest look, if anything. */
  #fault: string | undefined;

  /** Nothing is attached before {@linkcode start}. */
  constructor(options: TargetWatchOptions) {
    this.#options = options;
    this.#search = new TargetSearch(options);
    this.#followers = new Followers(options.log);
    this.#comeback = new Comeback(options.graceMs ?? GRACE_MS, placeExists);
  }

  /** Lets a module work with the target; before {@linkcode start}. */
  follow(follower: TargetFollower): void {
    this.#followers.add(follower);
  }

  /** How the ends of the target are seen; empty while nothing is attached. */
  get probes(): readonly ProbeStatus[] {
    return this.#session?.probes ?? [];
  }

  /** What is watched at the moment, if anything. */
  get target(): Target | undefined {
    return this.#target;
  }

  /** Looks for the target and attaches if it is there, else keeps looking. */
  start(): void {
    const missing = firstShortcoming();
    if (missing !== undefined) return this.#apply("refused", describeShortcoming(missing));
    this.#find(() => this.#search.candidatesOfProc());
    if (this.#phase === "disabled") return;
    if (this.#session === undefined) {
      this.#loadIterator();
      releaseStartupMemory();
    }
    // After attaching: the first timer of a process loads Deno's timers, which takes longer than all programs.
    this.#timer = setInterval(() => this.#tryToLook(), LOOK_INTERVAL_MS);
  }

  /**
   * Attaches everything with a filter that nothing passes, in place of {@linkcode start}: to see whether it can be, and
   * what is visible of a target that is there.
   *
   * @throws {Error} if nothing can be attached
   */
  rehearse(): void {
    const missing = firstShortcoming();
    if (missing !== undefined) throw new Error(describeShortcoming(missing));
    const { commPrefix, strategies } = this.#options;
    this.#session = new TargetSession({ commPrefix, commFallback: "never" }, strategies);
    const discovery = this.#search.among(() => this.#search.candidates());
    if (discovery.found) this.#setTarget(discovery.target);
    this.#followers.attach(this.#session.maps);
  }

  /** Checks target and filter, then says what is known of both. */
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
      ...statusSamples(this.#status(), this.#phase === "active" ? this.#target : undefined),
      ...this.#ends.samples(),
      ...this.#session?.collect() ?? [],
      ...this.#options.selfStats ? this.#session?.collectRuns() ?? [] : [],
    ];
  }

  /** Detaches everything. */
  stop(): void {
    clearInterval(this.#timer);
    this.#apply("stopped", "the agent stops to watch");
    this.#search[Symbol.dispose]();
  }

  /** Its state at the moment. */
  health(): Health {
    if (this.#phase === "disabled") return { state: "disabled", reason: this.#reason };
    if (this.#target === undefined) return { state: "waiting", reason: this.#reason };
    if (this.#phase === "lost") return { state: "ended", reason: this.#reason };
    return { state: this.#target.mode, reason: this.#target.reason };
  }

  #status(): bigint {
    if (this.#session === undefined) return Status.DISABLED;
    return this.#target?.mode === "full" ? Status.FULL : Status.DEGRADED;
  }

  get #sources(): readonly string[] {
    return [TARGET, ...this.#followers.names];
  }

  /** What each action of the table does. */
  readonly #actions: Readonly<Record<Action, () => void>> = {
    attach: () => {
      this.#session = new TargetSession(this.#scope(), this.#options.strategies);
      for (const { probe, failures } of unserved(this.#session.probes)) {
        this.#options.log.warn("A probe cannot be attached", { module: TARGET, probe, failures });
      }
      this.#followers.attach(this.#session.maps);
    },
    reprogram: () => this.#session?.reprogram(this.#scope()),
    repair: () => this.#session?.repair(),
    detach: () => {
      this.#followers.detach();
      this.#session?.close();
      this.#session = undefined;
    },
    restart: () => this.#options.lives.restarts(this.#sources),
  };

  /** Ends a life, if one lasts, with its last samples. */
  #endLife(): LifeEnd {
    const moment = momentOf(systemClock);
    const end = lifeEndOf({
      process: this.#target?.process,
      isRunning: this.#target?.process !== undefined && this.#process?.isRunning() === true,
      ends: this.#session?.ends() ?? [],
      now: moment,
    });
    this.#ends.count(end);
    this.#comeback.ended(moment.monotonicMs);
    this.#options.lives.ends(end, [
      { source: TARGET, samples: this.#lastSamples() },
      ...this.#followers.last(),
    ]);
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
    this.#options.lives.begins(lifeTargetOf(target), this.#sources);
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
    if (actions.includes("attach")) releaseStartupMemory();
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

  #scope(): Scope {
    const { commPrefix, commFallback } = this.#options;
    return { cgroup: this.#target?.cgroup, commPrefix, commFallback, pidNamespace: pidNamespace() };
  }

  /** Loads the iterator while this process may still do everything. It is no search, whose time puts off the next. */
  #loadIterator(): void {
    try {
      this.#search.askKernel();
    } catch (error) {
      this.#wait(messageOf(error));
    }
  }

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
    if (!this.#search.isDue) return;
    if (this.#phase === "waiting" || this.#phase === "lost") {
      return this.#find(() => this.#search.candidates());
    }
    if (this.#phase === "active" && this.#target?.mode === "degraded") this.#improve(this.#target);
    const home = this.#comeback.home();
    if (this.#phase === "active" && home !== undefined) this.#goHome(home);
  }

  #check(): void {
    const state = targetState(this.#target!, {
      askKernel: this.#search.askKernel,
      isRunning: () => this.#process?.isRunning() ?? false,
    });
    const seen = EVENTS[state];
    if (seen === undefined) return;
    if (this.#phase === "active") this.#search.hurry();
    this.#apply(seen.event, seen.reason);
  }

  /** Looks whether the cgroup of a target that is watched by its comm can be told by now. */
  #improve({ process }: DegradedTarget): void {
    const discovery = this.#search.among(() => [process]);
    if (discovery.found && discovery.target.mode === "full") {
      this.#apply("found", discovery.target.reason, discovery.target);
    }
  }

  /** Looks whether the target whose place another one has taken is back. */
  #goHome(home: Former): void {
    const discovery = this.#search.among(() => this.#search.candidates(), home);
    // A place that no mount shows cannot be told from others: the process that is watched may seem to be in it.
    if (!discovery.found || isSameProcess(discovery.target.process, this.#target?.process)) return;
    this.#apply("found-elsewhere", discovery.target.reason, discovery.target);
  }

  /** Searches among the processes that match, and watches what is found. */
  #find(list: () => readonly Process[]): void {
    try {
      const discovery = this.#search.among(list, this.#comeback.former(monotonicMs()));
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

  /** Logs once why there is no target. */
  #wait(reason: string): void {
    if (this.#reason !== reason) this.#options.log.warn("Waiting for the target", { reason });
    this.#reason = reason;
  }
}
