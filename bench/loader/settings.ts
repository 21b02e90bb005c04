/** What both loaders are told on their command line. @module */
import type { OpenOptions } from "../../src/loader/mod.ts";

/** What to load, and how. */
export interface Settings {
  readonly options: OpenOptions & Required<Pick<OpenOptions, "constants" | "absentMaps">>;
  readonly programs: readonly string[];
}

/** The words of a command line: `name=value` for constants, `-name` for absent maps, else programs. */
export function wordsOf({ options: { constants, absentMaps }, programs }: Settings): string[] {
  return [
    ...Object.entries(constants).map(([name, value]) => `${name}=${value}`),
    ...absentMaps.map((name) => `-${name}`),
    ...programs,
  ];
}

/** The settings that {@linkcode wordsOf} has written. */
export function settingsFrom(words: readonly string[]): Settings {
  const constants = words.filter((word) => word.includes("=")).map((word) => word.split("="));
  return {
    options: {
      constants: Object.fromEntries(constants.map(([name, value]) => [name, Number(value)])),
      absentMaps: words.filter((word) => word.startsWith("-")).map((word) => word.slice(1)),
    },
    programs: words.filter((word) => /^\w+$/.test(word)),
  };
}
