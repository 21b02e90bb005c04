/** What the modules say of the target's lives, brought to the recorder and to those who look for incidents. @module */
import { type LifeObserver, momentOf, systemClock } from "../collector/mod.ts";
import type { LifeEnd, SampleSink } from "../metrics/mod.ts";
import type { FlightRecorder } from "../recorder/mod.ts";

/** The module that watches the target. */
const WATCHING = "iomonitor";

/** Where lives go. */
export interface LifeSinks {
  readonly recorder: FlightRecorder;
  /** Takes the last samples of a life. */
  readonly sink: SampleSink;
  /** Called when a life has ended and the recorder knows. */
  readonly onEnd: (end: LifeEnd) => void;
}

/** Records lives. */
export function lifeObserver({ recorder, sink, onEnd }: LifeSinks): LifeObserver {
  return {
    begins: (target) => recorder.beginLife(target, momentOf(systemClock), [WATCHING]),
    ends: (end, samples) => {
      // Read now: the kernel saw the end before, and there may be a row from the time between.
      if (samples.length > 0) sink.record({ source: WATCHING, ...momentOf(systemClock), samples });
      recorder.endLife(end, [WATCHING]);
      onEnd(end);
    },
    restarts: () => recorder.restart(WATCHING),
  };
}
