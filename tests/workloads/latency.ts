/** How long the target's reads took, by those who made them. Pure. @module */

/** One read. */
export interface Latency {
  readonly timeMs: number;
  readonly ns: number;
}

/** Reads of a period. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
}

/**
 * Reads fio's log of completion latencies: a line each of time, nanoseconds, direction, size, offset, priority.
 *
 * @see https://fio.readthedocs.io/en/latest/fio_doc.html#log-file-formats
 */
export function parseFioLog(text: string): Latency[] {
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const [timeMs, ns] = line.split(",").map(Number);
    if (Number.isFinite(timeMs) && Number.isFinite(ns)) return { timeMs: timeMs!, ns: ns! };
    throw new SyntaxError(
      `Cannot read a log of fio: ${JSON.stringify(line)}: expected a time and nanoseconds`,
    );
  });
}

/** Reads what sqlite3 prints of dated queries after `.timer on`: a row that begins with milliseconds, then seconds. */
export function parseSqliteTimer(text: string): Latency[] {
  const queries = text.matchAll(/^(\d+)\|\d+\nRun Time: real (\d+\.\d+) /gm);
  return [...queries].map(([, timeMs, seconds]) => ({
    timeMs: Number(timeMs),
    ns: Math.round(Number(seconds) * 1e9),
  }));
}

/** The value below which a share of ascending values lies, by nearest rank. */
function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? 0;
}

/**
 * Sums up the reads that began in a period.
 *
 * @param fromMs its first millisecond
 * @param toMs the first one after it
 */
export function summarize(latencies: readonly Latency[], fromMs: number, toMs: number): LatencySummary {
  const ascending = latencies
    .filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs)
    .map(({ ns }) => ns)
    .sort((a, b) => a - b);
  return {
    count: ascending.length,
    p50Ns: quantile(ascending, 0.5),
    p95Ns: quantile(ascending, 0.95),
    p99Ns: quantile(ascending, 0.99),
  };
}
