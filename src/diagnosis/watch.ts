/** Incidents as they happen, with little work for each collection. @module */
import type { Workload } from "./causes.ts";
import { type Explanation, explanationOf, nothingToCompare } from "./explanation.ts";
import { judge, type Judgement } from "./judge.ts";
import { countOf } from "./latency.ts";
import { type Period, Timeline } from "./readings/periods.ts";
import { carriedOn, hasCalls, type Reading } from "./readings/reading.ts";
import { addTo, callsOf, isOther, type Step, stepBetween } from "./readings/totals.ts";
import { DEFAULT_THRESHOLDS, type Thresholds } from "./thresholds.ts";
import { FEWEST_SLOTS, judgePressure, judgeRise } from "./window.ts";

/** Collections closer to each other than this are one slot: they cost nothing. */
const SLOT_MS = 5000;

/** Slots in which an onset is looked for; older ones are joined, so many to one. */
const FINE_SLOTS = 12;

/** Joined slots that are kept: an hour in all if there is a collection every ten seconds. */
const JOINED_SLOTS = 30;

/** Slots by which one judges whether an incident goes on, and of which cause. */
const RECENT_SLOTS = 2 * FEWEST_SLOTS;

/** Looks in a row that have to agree before an incident ends, or has another cause: so neither comes and goes. */
const AGREEING_LOOKS = 6;

/** After this time what was an incident is taken for usual. */
const LONGEST_MS = 3_600_000;

/** What may become of an incident; times are of the monotonic clock. */
export type IncidentEvent =
  | { readonly kind: "begins"; readonly explanation: Explanation; readonly sinceMs: number }
  | { readonly kind: "changes"; readonly explanation: Explanation; readonly from: Workload }
  | { readonly kind: "ends"; readonly why: string; readonly untilMs: number };

interface OpenIncident {
  readonly sinceMs: number;
  /** What was usual before it. */
  readonly baseline: Period;
  workload: Workload;
  judgement: Judgement;
  /** When reads were slow last. */
  untilMs: number;
  /** Looks in a row that found nothing slow, and the calls that they have seen. */
  calm: number;
  calmCalls: number;
  /** Looks in a row that found another cause, the same each time. */
  other: { workload: Workload; looks: number };
}

/** What has been collected lately, as few numbers, and the incident in it. */
export class Watch {
  readonly #thresholds: () => Thresholds;
  #before: Reading | undefined;
  #gaps = 0;
  #joined: Step[] = [];
  #fine: Step[] = [];
  #incident: OpenIncident | undefined;

  /** @param thresholds the numbers that decide, at the moment */
  constructor(thresholds: () => Thresholds = () => DEFAULT_THRESHOLDS) {
    this.#thresholds = thresholds;
  }

  /** Whether a reading of this moment would be looked at. */
  isDue(monotonicMs: number): boolean {
    const before = this.#before?.monotonicMs;
    return before === undefined || monotonicMs - before >= SLOT_MS;
  }

  /**
   * Takes a reading.
   *
   * @returns what became of an incident by it, if anything did
   */
  add(reading: Reading): IncidentEvent | undefined {
    if (!this.isDue(reading.monotonicMs)) return undefined;
    if (!hasCalls(reading)) {
      this.#gaps++;
      return undefined;
    }
    const before = this.#before;
    this.#before = carriedOn(before, reading);
    if (before === undefined) return undefined;
    if (isOther(before.cgroup, reading.cgroup)) return this.#forget("another container is watched");
    this.#fine.push(stepBetween(before, this.#before, this.#gaps));
    this.#gaps = 0;
    return this.#incident === undefined ? this.#look() : this.#follow(this.#incident);
  }

  /** What goes on at the moment. */
  explain(): Explanation {
    const reading = this.#before;
    if (reading === undefined) return nothingToCompare("nothing has been collected of read calls");
    if (this.#incident !== undefined) {
      return this.#explanationOf(this.#incident.judgement, this.#incident.sinceMs);
    }
    const timeline = this.#timeline();
    const judgement = judgePressure(timeline, this.#thresholds());
    if (judgement !== undefined) return this.#explanationOf(judgement);
    return nothingToCompare(`too few periods to be compared: ${timeline.length}`);
  }

  #timeline(): Timeline {
    return new Timeline([...this.#joined, ...this.#fine]);
  }

  /** What is explained here goes on: when it is over, it is explained no more. */
  #explanationOf(judgement: Judgement, sinceMs?: number): Explanation {
    return explanationOf(judgement, this.#before!, this.#thresholds(), judgement.after.toMs, sinceMs);
  }

  /** Looks for an incident in the newest slots. */
  #look(): IncidentEvent | undefined {
    const timeline = this.#timeline();
    const judgement = judgeRise(timeline, this.#thresholds(), this.#joined.length, timeline.length);
    if (judgement === undefined) {
      this.#joinOldest();
      return undefined;
    }
    const { workload, before, onsetMs } = judgement;
    this.#incident = {
      sinceMs: onsetMs,
      baseline: before,
      workload,
      judgement,
      untilMs: judgement.after.toMs,
      calm: 0,
      calmCalls: 0,
      other: { workload, looks: 0 },
    };
    return { kind: "begins", explanation: this.#explanationOf(judgement), sinceMs: onsetMs };
  }

  /** Looks what has become of an incident. Its slots are no baseline: only the newest of them are kept. */
  #follow(incident: OpenIncident): IncidentEvent | undefined {
    this.#fine = this.#fine.slice(-RECENT_SLOTS);
    const recent = new Timeline(this.#fine);
    const lately = recent.period(Math.max(0, recent.length - FEWEST_SLOTS), recent.length);
    const { latency: { tail } } = judge(incident.baseline, lately, this.#thresholds());
    if (lately.toMs - incident.sinceMs > LONGEST_MS) {
      return this.#forget("it has lasted so long that it is usual");
    }
    if (tail === undefined) return this.#calm(incident);
    incident.calm = 0;
    incident.calmCalls = 0;
    incident.untilMs = lately.toMs;
    const judgement = judge(incident.baseline, recent.period(0, recent.length), this.#thresholds());
    return judgement.incident ? this.#confirm(incident, judgement) : undefined;
  }

  /** Nothing slow: that ends an incident if it was often so, of enough calls. Reads that hang are none. */
  #calm(incident: OpenIncident): IncidentEvent | undefined {
    incident.calm++;
    incident.calmCalls += countOf(callsOf(this.#fine.at(-1)!.totals));
    if (incident.calm < AGREEING_LOOKS || incident.calmCalls < this.#thresholds().fewestCalls) {
      return undefined;
    }
    const { fromMs, toMs, totals } = incident.baseline;
    this.#joined = [{ fromMs, toMs, totals }];
    this.#fine = this.#fine.slice(-FEWEST_SLOTS);
    this.#incident = undefined;
    return { kind: "ends", why: "reads are as fast as before it", untilMs: incident.untilMs };
  }

  #confirm(incident: OpenIncident, judgement: Judgement): IncidentEvent | undefined {
    const { workload } = judgement;
    if (workload === incident.workload) {
      incident.judgement = judgement;
      incident.other = { workload, looks: 0 };
      return undefined;
    }
    const looks = incident.other.workload === workload ? incident.other.looks + 1 : 1;
    incident.other = { workload, looks };
    if (looks < AGREEING_LOOKS) return undefined;
    const from = incident.workload;
    incident.workload = workload;
    incident.judgement = judgement;
    return { kind: "changes", explanation: this.#explanationOf(judgement, incident.sinceMs), from };
  }

  /** Makes room: the oldest slots become a part of a joined one, and the oldest joined one goes. */
  #joinOldest(): void {
    if (this.#fine.length < 2 * FINE_SLOTS) return;
    const [first, ...rest] = this.#fine.splice(0, FINE_SLOTS);
    const totals = first!.totals.slice();
    for (const step of rest) addTo(totals, step.totals);
    this.#joined.push({ fromMs: first!.fromMs, toMs: rest.at(-1)!.toMs, totals });
    this.#joined.splice(0, this.#joined.length - JOINED_SLOTS);
  }

  #forget(why: string): IncidentEvent | undefined {
    const incident = this.#incident;
    this.#joined = [];
    this.#fine = [];
    this.#incident = undefined;
    return incident && { kind: "ends", why, untilMs: incident.untilMs };
  }
}
