/** Attaching each probe by the first strategy that works. @module */
import { type BpfObject, ProgramLoadError, VerifierError } from "../loader/mod.ts";
import { Errno, isShortage, messageOf } from "../syscall/mod.ts";
import { type Probe, type Strategy, type StrategyName, whenPreemptible } from "./probe.ts";

/** How a probe is served, and why not in a better way. */
export interface ProbeStatus {
  readonly probe: string;
  /** The strategy that serves; undefined if none does. */
  readonly serving: Strategy | undefined;
  /** Why each strategy before it failed. */
  readonly failures: readonly { readonly strategy: string; readonly reason: string }[];
}

/** Those that are not served. */
export function unserved(probes: readonly ProbeStatus[]): ProbeStatus[] {
  return probes.filter(({ serving }) => serving === undefined);
}

/** Whether the kernel refuses not this program but all of its kind: before the verifier looks at it. */
function isForbidden(error: unknown): boolean {
  return error instanceof ProgramLoadError && !(error instanceof VerifierError) &&
    error.cause.errno === Errno.EPERM;
}

/** Loads and attaches programs, remembering for each why it failed. */
class Attacher {
  readonly #object: BpfObject;
  readonly #failures = new Map<string, string>();
  /** Why every program of a strategy fails. */
  readonly #forbidden = new Map<StrategyName, string>();

  constructor(object: BpfObject) {
    this.#object = object;
  }

  #attempt(strategy: StrategyName, program: string, action: () => unknown): string | undefined {
    const before = this.#forbidden.get(strategy) ?? this.#failures.get(program);
    if (before !== undefined) return before;
    try {
      action();
    } catch (error) {
      // It says nothing of the kernel, and another try may succeed.
      if (isShortage(error)) throw error;
      const reason = messageOf(error);
      this.#failures.set(program, reason);
      if (isForbidden(error)) this.#forbidden.set(strategy, reason);
      return reason;
    }
  }

  /** Loads a program: undefined, or why that failed now or before. */
  load(strategy: StrategyName, program: string): string | undefined {
    return this.#attempt(strategy, program, () => this.#object.program(program));
  }

  /** Attaches a program: undefined, or why that failed now or before. */
  attach(strategy: StrategyName, program: string): string | undefined {
    return this.#attempt(strategy, program, () => this.#object.attach(program));
  }
}

/**
 * The probes in the order for this kernel. Whether it is preemptible matters to what is exact by fentry alone, and is
 * asked last: to read a compressed configuration takes longer than to load all programs.
 */
function inOrder(
  attacher: Attacher,
  probes: readonly Probe[],
  isPreemptible: () => boolean,
): readonly Probe[] {
  const hasFentry = probes.flatMap(({ strategies }) => strategies)
    .filter(({ strategy, exact }) => strategy === "fentry" && exact)
    .some(({ strategy, programs: [first] }) =>
      first !== undefined && attacher.load(strategy, first) === undefined
    );
  return hasFentry && isPreemptible() ? whenPreemptible(probes) : probes;
}

/** Why a strategy does not work now; undefined if it does, and then it is attached. */
function attachStrategy(
  attacher: Attacher,
  { strategy, programs, needs = [] }: Strategy,
  attached: ReadonlySet<string>,
): string | undefined {
  const missing = needs.find((probe) => !attached.has(probe));
  if (missing !== undefined) return `it needs the probe ${missing}`;
  for (const program of programs) {
    const reason = attacher.attach(strategy, program);
    if (reason !== undefined) return reason;
  }
}

function attachProbe(
  attacher: Attacher,
  { probe, strategies }: Probe,
  attached: ReadonlySet<string>,
): ProbeStatus {
  const failures: { strategy: string; reason: string }[] = [];
  for (const serving of strategies) {
    const reason = attachStrategy(attacher, serving, attached);
    if (reason === undefined) return { probe, serving, failures };
    failures.push({ strategy: serving.strategy, reason });
  }
  return { probe, serving: undefined, failures };
}

/**
 * Attaches every probe by the first of its strategies whose programs all load and attach.
 *
 * Programs of a strategy that failed halfway are unloaded again, unless another probe is served by them.
 *
 * @param isPreemptible whether the kernel is fully preemptible; asked only if it matters
 * @returns the status of each probe; a probe that cannot be attached is not an error
 * @throws {Error} if descriptors or memory ran out
 */
export function attachProbes(
  object: BpfObject,
  probes: readonly Probe[],
  isPreemptible: () => boolean,
): ProbeStatus[] {
  const attacher = new Attacher(object);
  const attached = new Set<string>();
  const statuses = inOrder(attacher, probes, isPreemptible).map((probe) => {
    const status = attachProbe(attacher, probe, attached);
    if (status.serving !== undefined) attached.add(probe.probe);
    return status;
  });
  const serving = new Set(statuses.flatMap((status) => status.serving?.programs ?? []));
  for (const { programs } of probes.flatMap(({ strategies }) => strategies)) {
    for (const program of programs) {
      if (!serving.has(program)) object.unload(program);
    }
  }
  return statuses;
}
