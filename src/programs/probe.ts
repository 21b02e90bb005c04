/**
 * Logical probes and the ways to attach each. Pure.
 *
 * @module
 */

/** The ways, by the names that `ktm_probe_info` and `check` show. */
export const STRATEGIES = ["fentry", "tp_btf", "tracepoint", "kprobe", "derived"] as const;

/** One of {@linkcode STRATEGIES}. */
export type StrategyName = typeof STRATEGIES[number];

/** One way to attach a probe. */
export interface Strategy {
  readonly strategy: StrategyName;
  /** Programs that have to be attached together, the one that ends an interval first. */
  readonly programs: readonly string[];
  /** Probes, before this one in the list, that have to be attached for it to work. */
  readonly needs?: readonly string[];
  /** False if what it counts is only a bound or an approximation. */
  readonly exact: boolean;
}

/** What can be observed, or not, independently of the rest. */
export interface Probe {
  readonly probe: string;
  /** In the order of preference: the first that loads and attaches serves. */
  readonly strategies: readonly Strategy[];
}

type Programs = Readonly<Partial<Record<StrategyName, readonly string[]>>>;

/**
 * A probe that is exact unless it is attached by kprobes; the order is that of the programs given.
 *
 * A kretprobe follows a limited number of calls at a time, on old kernels as many as there are CPUs
 * (register_kretprobe() in kernel/kprobes.c): threads that sleep in a call leave none for the others.
 */
export function probe(probe: string, programs: Programs): Probe {
  return {
    probe,
    strategies: Object.entries(programs).map(([strategy, programs]) => ({
      strategy: strategy as StrategyName,
      programs,
      exact: strategy !== "kprobe",
    })),
  };
}

/** The probes with no strategies but these. */
export function onlyStrategies(probes: readonly Probe[], names: readonly string[]): Probe[] {
  return probes.map(({ probe, strategies }) => ({
    probe,
    strategies: strategies.filter(({ strategy }) => names.includes(strategy)),
  }));
}

/**
 * The probes as they are where a program can be interrupted for another task.
 *
 * The kernel does not run a program at a function's entry or exit while a task that it has interrupted is in
 * the middle of the same program on the same CPU (`__bpf_prog_enter_recur()` in kernel/bpf/trampoline.c), for as
 * long as that task does not run: whole time slices of calls are missing. Tracepoints and kprobes are not
 * interrupted. What is exact goes before what is not.
 */
export function whenPreemptible(probes: readonly Probe[]): Probe[] {
  return probes.map(({ probe, strategies }) => {
    const { exact = [], bound = [] } = Object.groupBy(
      strategies.map((one) => one.strategy === "fentry" ? { ...one, exact: false } : one),
      ({ exact }) => exact ? "exact" : "bound",
    );
    return { probe, strategies: [...exact, ...bound] };
  });
}
