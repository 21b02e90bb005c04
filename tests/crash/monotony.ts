/** Whether counters go on, between two scrapes. Pure. @module */

/** Suffixes of a histogram's series, which are counters all of them. */
const HISTOGRAM_PARTS = ["_bucket", "_count", "_sum"];

/** The counters of a text in the Prometheus format: values by series. */
export function countersIn(text: string): Map<string, number> {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]));
  const isCounter = (name: string) =>
    types.get(name) === "counter" ||
    HISTOGRAM_PARTS.some((part) =>
      name.endsWith(part) && types.get(name.slice(0, -part.length)) === "histogram"
    );
  const samples = text.matchAll(/^([a-z_]+)(\{[^}]*\})? (\S+)$/gm);
  return new Map(
    [...samples].filter(([, name]) => isCounter(name!))
      .map(([, name, labels = "", value]) => [`${name}${labels}`, Number(value)]),
  );
}

/** What has become less, or is not there any more, one line each. */
export function decreases(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...before].flatMap(([series, value]) => {
    const now = after.get(series);
    return now !== undefined && now >= value ? [] : [`${series}: ${value}, then ${now ?? "absent"}`];
  });
}
