import assert from "node:assert/strict";
import { parseFioLog, parseSqliteTimer, summarize } from "./latency.ts";

Deno.test("parseFioLog() reads times and nanoseconds", () => {
  const log = "1795353494320, 18549, 0, 4096, 0\n1795353494330, 9087, 0, 4096, 0\n";
  assert.deepEqual(parseFioLog(log), [
    { timeMs: 1_795_353_494_320, ns: 18_549 },
    { timeMs: 1_795_353_494_330, ns: 9087 },
  ]);
});

Deno.test("parseFioLog() rejects what is no log", () => {
  assert.throws(() => parseFioLog("fio: bad option"), SyntaxError);
});

Deno.test("parseSqliteTimer() reads dated queries, and not one that was cut off", () => {
  const text = [
    "1795353494320|3000",
    "Run Time: real 0.012 user 0.000100 sys 0.000000",
    "1795353494400|3000",
    "Run Time: real 1.250 user 0.000100 sys 0.000000",
    "1795353495700|3000",
    "Run Ti",
  ].join("\n");
  assert.deepEqual(parseSqliteTimer(text), [
    { timeMs: 1_795_353_494_320, ns: 12_000_000 },
    { timeMs: 1_795_353_494_400, ns: 1_250_000_000 },
  ]);
});

Deno.test("summarize() takes the reads of a period without its end, and quantiles by nearest rank", () => {
  const latencies = Array.from({ length: 300 }, (_, index) => ({ timeMs: index, ns: 1000 - index }));
  // 100 to 199 took 900 down to 801 ns.
  assert.deepEqual(summarize(latencies, 100, 200), { count: 100, p50Ns: 850, p95Ns: 895, p99Ns: 899 });
  assert.deepEqual(summarize(latencies, 400, 500), { count: 0, p50Ns: 0, p95Ns: 0, p99Ns: 0 });
});
