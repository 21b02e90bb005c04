/** A session of the collector in the test's own process, and what it counted meanwhile. @module */
import { IOMONITOR_OBJECT, Session, type StrategyName } from "../../src/collector/iomonitor/mod.ts";
import { pidNamespace } from "../../src/discovery/mod.ts";
import { isHistogram, type Sample } from "../../src/metrics/mod.ts";
import { stat } from "../../src/syscall/mod.ts";

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
    [`${series}_count`, sample.buckets.reduce((sum, bucket) => sum + bucket, 0n)],
    [`${series}_sum`, sample.sum],
    ...sample.buckets.map((bucket, index): [string, bigint] => [`${series}_bucket[${index}]`, bucket]),
  ];
}

/** Watches a cgroup one level below the root, and nothing by comm. */
export class Watch implements Disposable {
  readonly session: Session;
  #before: Values;

  /** Attaches with no other strategies than these. */
  constructor(cgroup: string, strategies?: readonly StrategyName[]) {
    const scope = {
      cgroup: { id: stat(cgroup).inode, level: 1 },
      commPrefix: "nobody",
      commFallback: "never",
      pidNamespace: pidNamespace(),
    } as const;
    this.session = new Session(IOMONITOR_OBJECT, scope, strategies);
    this.#before = this.values();
  }

  /** Everything it has counted. */
  values(): Values {
    return new Map(this.session.collect().flatMap(valuesOf));
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
    return this.session.probes.find((status) => status.probe === probe)?.serving?.exact;
  }

  [Symbol.dispose](): void {
    this.session.close();
  }
}
