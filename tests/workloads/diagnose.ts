/** What the diagnosis says of the runs that are kept. @module */
import { explainRecording } from "../../src/diagnosis/mod.ts";
import { readDump } from "../../src/recorder/mod.ts";
import type { Verdict } from "./matrix.ts";
import type { Recording } from "./recording.ts";

/** Has a run explained, by its window alone. */
export function diagnose({ scenario, run, window }: Recording): Verdict {
  const { workload, incident } = explainRecording(readDump(JSON.stringify(window)));
  return { scenario, run, workload, incident };
}
