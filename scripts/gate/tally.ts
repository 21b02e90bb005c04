/** What a step of the gate wrote, as numbers. Pure. @module */

/** A test and how long it took. */
export interface TimedTest {
  readonly name: string;
  readonly seconds: number;
}

/** What came of tests. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Names of the tests that were ignored, with their reasons. */
  readonly ignored: readonly string[];
  /** What tests forgave the machine, by kind. */
  readonly excused: ReadonlyMap<string, number>;
  readonly tests: readonly TimedTest[];
}

/** `ok | 12 passed (3 steps) | 0 failed | 1 ignored` of `deno test`, and the last line of the guest tests. */
const SUMMARY = /\| (\d+) passed.*?\| (\d+) failed|^(\d+) passed, (\d+) failed$/gm;

/** How many `deno test` ignored by its own word. */
const IGNORED = /\| \d+ passed.*?\| (\d+) ignored/g;

/** A test that `deno test` ran, not a step of one; a run in parallel puts its file before it. */
const TEST =
  /^(?:\.\/\S+ => )?(\S.*?) \.\.\. (ok|FAILED|ignored)(?: \(.*\))? \(((?:[\d.]+(?:h|m|s|ms|\u00b5s))+)\)$/gm;

/** `ok     7.3 amd64 ends (12.3 s)` of the guest tests. */
const GUEST_TEST = /^(?:ok {4}|FAILED) (\d\S* \S+ \S+) \(([\d.]+) s\)$/gm;

/** What `tests/support/excuses.ts` writes. */
const EXCUSED = /^excused ([^:\n]+): (\d+)/gm;

const SECONDS_IN: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, "\u00b5s": 1e-6 };

/** `1m5s` */
function secondsOf(duration: string): number {
  return [...duration.matchAll(/([\d.]+)([a-z\u00b5]+)/g)]
    .reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS_IN[unit!]!, 0);
}

/** The sum of a group of a pattern, or of the group that stands for it. */
function sum(matches: readonly RegExpExecArray[], ...groups: readonly number[]): number {
  const valueOf = (match: RegExpExecArray) => groups.map((group) => match[group]).find((text) => text);
  return matches.reduce((sum, match) => sum + Number(valueOf(match) ?? 0), 0);
}

/**
 * Reads what tests wrote.
 *
 * @param output all of it, without colours
 */
export function tallyOf(output: string): Tally {
  const summaries = [...output.matchAll(SUMMARY)];
  const tests = [...output.matchAll(TEST)];
  const ignored = tests.filter(([, , outcome]) => outcome === "ignored").map(([, name]) => name!);
  const unnamed = sum([...output.matchAll(IGNORED)], 1) - ignored.length;
  const excused = new Map<string, number>();
  for (const [, kind, count] of output.matchAll(EXCUSED)) {
    excused.set(kind!, (excused.get(kind!) ?? 0) + Number(count));
  }
  return {
    passed: sum(summaries, 1, 3),
    failed: sum(summaries, 2, 4),
    ignored: [...ignored, ...unnamed > 0 ? [`${unnamed} tests or steps without a name`] : []],
    excused,
    tests: [
      ...tests.map(([, name, , duration]) => ({ name: name!, seconds: secondsOf(duration!) })),
      ...[...output.matchAll(GUEST_TEST)].map(([, name, text]) => ({ name: name!, seconds: Number(text) })),
    ],
  };
}

/**
 * The tests that took longest.
 *
 * @param count how many
 */
export function slowest(tests: readonly TimedTest[], count: number): TimedTest[] {
  return tests.toSorted((a, b) => b.seconds - a.seconds).slice(0, count);
}
