/**
 * Where sample sets go.
 *
 * @module
 */
import type { SampleSet } from "./sample.ts";

/** Takes what a collector measured. The Flight Recorder is one; a host may bring its own. */
export interface SampleSink {
  /**
   * Takes one sample set.
   *
   * @param set what one source measured at one moment; not changed afterwards
   */
  record(set: SampleSet): void;
}
