/** A session of the collector in the test's own process, and what it counted meanwhile. @module */
import { IOMONITOR } from "../../src/collector/iomonitor/mod.ts";
import { pidNamespace } from "../../src/discovery/mod.ts";
import { isHistogram, observationsOf, type Sample } from "../../src/metrics/mod.ts";
import { openObject, ProbeSession, type ProbeSet, type StrategyName } from "../../src/programs/mod.ts";
import { stat } from "../../src/syscall/mod.ts";
import { TargetSession } from "../../src/target/mod.ts";

/** Values by series, as integers: nanoseconds where the exporter has seconds. */
export type Values = ReadonlyMap<string, bigint>;

/** The name of a series as in the Prometheus text format. */
function seriesOf({ family, labels }: Sample): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? family.name : `${family.name}{${pairs.join(",")}}`;
}

/** The series of a sample: of a histogram `_count`, `_sum`, and each bucket alone under the index of its bound. */
function valuesOf(sample: Sample): [string, bigint][] {
  const series = seriesOf(sample);
  if (!isHistogram(sample)) return [[series, sample.value]];
  return [
    [`${series}_count`, observationsOf(sample.buckets)],
    [`${series}_sum`, sample.sum],
    ...sample.buckets.map((bucket, index): [string, bigint] => [`${series}_bucket[${index}]`, bucket]),
  ];
}

/** Watches a cgroup one level below the root, and nothing by comm. */
export class Watch implements Disposable {
  /** The filter, and what sees the ends of the target. */
  readonly target: TargetSession;
  /** The module's programs. */
  readonly session: ProbeSession;
  #before: Values;

  /**
   * Attaches with no other strategies than these.
   *
   * @param set the module's programs: those of iomonitor unless given
   */
  constructor(cgroup: string, strategies?: readonly StrategyName[], set: ProbeSet = IOMONITOR) {
    const scope = {
      cgroup: { id: stat(cgroup).inode, level: 1 },
      commPrefix: "nobody",
      commFallback: "never",
      pidNamespace: pidNamespace(),
    } as const;
    using opened = new DisposableStack();
    this.target = opened.use(new TargetSession(scope, strategies));
    this.session = opened.use(new ProbeSession(set, openObject(set, this.target.maps), strategies));
    if (this.session.failure !== undefined) throw new Error(this.session.failure);
    this.#before = this.values();
    opened.move();
  }

  /** Everything it has counted. */
  values(): Values {
    return new Map([...this.target.collect(), ...this.session.collect()].flatMap(valuesOf));
  }

  /** What it has counted since `since()` was called last. */
  soFar(): Values {
    return this.#growth(this.values());
  }

  /** What it has counted since this was called last. */
  since(): Values {
    const now = this.values();
    const growth = this.#growth(now);
    this.#before = now;
    return growth;
  }

  #growth(now: Values): Values {
    return new Map([...now].map(([series, value]) => [series, value - this.#before.get(series)!]));
  }

  /** Whether a probe is attached and exact; undefined if it is not attached. */
  exact(probe: string): boolean | undefined {
    return [...this.target.probes, ...this.session.probes].find((status) => status.probe === probe)?.serving
      ?.exact;
  }

  [Symbol.dispose](): void {
    this.session.close();
    this.target.close();
  }
}
