/** What the target watch says of the target's lives, brought to the recorder and to those who look for incidents. @module */
import type { LifeEnd, SampleSink } from "../metrics/mod.ts";
import type { FlightRecorder } from "../recorder/mod.ts";
import { momentOf, systemClock } from "../runtime/clock.ts";
import type { LifeObserver } from "../target/mod.ts";

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
    begins: (target, sources) => recorder.beginLife(target, momentOf(systemClock), sources),
    ends: (end, last) => {
      // Read now: the kernel saw the end before, and there may be a row from the time between.
      const moment = momentOf(systemClock);
      for (const { source, samples } of last) {
        if (samples.length > 0) sink.record({ source, ...moment, samples });
      }
      recorder.endLife(end, last.map(({ source }) => source));
      onEnd(end);
    },
    restarts: (sources) => sources.forEach((source) => recorder.restart(source)),
  };
}
