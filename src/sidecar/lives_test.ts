import assert from "node:assert/strict";
import { FlightRecorder, readDump } from "../recorder/mod.ts";
import { momentOf, systemClock } from "../runtime/clock.ts";
import { lifeObserver } from "./lives.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
const end = momentOf(systemClock);

Deno.test("a life's last row comes after a collection from between its end and the moment that was noticed", () => {
  const recorder = new FlightRecorder({ memoryLimit: 1 << 20 });
  const observer = lifeObserver({ recorder, sink: recorder, onEnd: () => {} });
  observer.begins({ comm: "db" }, ["iomonitor"]);
  recorder.record({ source: "iomonitor", timeMs: end.timeMs, monotonicMs: end.monotonicMs - 1, samples: [] });
  recorder.record({ source: "iomonitor", timeMs: end.timeMs, monotonicMs: end.monotonicMs, samples: [] });
  const up = { name: "ktm_target_up", type: "gauge", help: "", unit: "1" } as const;
  observer.ends({ ...end, monotonicMs: end.monotonicMs - 1, how: "exit", status: 0 }, [
    { source: "iomonitor", samples: [{ family: up, labels: {}, value: 1n }] },
  ]);
  // It would refuse rows that are not in their order.
  const { windows } = readDump(JSON.stringify(recorder.dump()));
  assert.equal(windows.find(({ life }) => life === 1)?.monotonicMs.length, 3);
});
