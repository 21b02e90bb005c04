/**
 * The part of `@std/cli/parse-args` that this project uses.
 *
 * It does not lean on `parseArgs` of `node:util`, which takes `-x` in `--name -x` for a value where the
 * original does not, and which loads 4 MB of Node's library.
 *
 * Left out: dots in names, `negatable`, `boolean: true`, and short options that carry their value (`-n5`).
 *
 * @module
 */

/** Options of {@linkcode parseArgs}. */
export interface ParseOptions {
  /** Names of switches; false unless given. */
  readonly boolean?: readonly string[];
  /** Names whose values stay text; `_` stands for the arguments that are no options. */
  readonly string?: readonly string[];
  /** Names whose values are gathered in an array; of any other name the last value counts. */
  readonly collect?: readonly string[];
  /** Other names of a name. */
  readonly alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Values of names that are not given. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** Hears of every argument that is not declared; if it returns false the argument is left out. */
  readonly unknown?: (argument: string, key?: string, value?: unknown) => unknown;
  /** Whether everything after the first argument that is no option goes to `_` as it stands. */
  readonly stopEarly?: boolean;
  /** Whether what follows `--` goes to the result's `--` rather than to `_`. */
  readonly "--"?: boolean;
}

/** What {@linkcode parseArgs} finds: a value by name, and in `_` the arguments that are no options. */
export interface Args {
  [name: string]: unknown;
  _: (string | number)[];
  "--"?: string[];
}

function withAliases(names: readonly string[], aliases: ReadonlyMap<string, readonly string[]>): Set<string> {
  return new Set(names.flatMap((name) => [name, ...aliases.get(name) ?? []]));
}

/** Every name that has others, mapped to the others. */
function aliasMap(alias: NonNullable<ParseOptions["alias"]>): Map<string, readonly string[]> {
  const groups = Object.entries(alias).map(([name, others]) => [name, ...[others].flat()]);
  return new Map(
    groups.flatMap((group) => group.map((name) => [name, group.filter((other) => other !== name)] as const)),
  );
}

function numberIfNumeric(text: string): string | number {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * Reads command line arguments: `--name value`, `--name=value`, `--switch`, `-s`, `-abc`.
 *
 * @param args the arguments
 * @param options which names exist and what they take
 * @returns the values by name, and the other arguments in `_`
 */
export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  const aliases = aliasMap(options.alias ?? {});
  const switches = withAliases(options.boolean ?? [], aliases);
  const texts = withAliases(options.string ?? [], aliases);
  const collected = withAliases(options.collect ?? [], aliases);
  const result: Args = { _: [] };

  function set(key: string, given: string | boolean, argument: string): void {
    const declared = switches.has(key) || texts.has(key) || aliases.has(key);
    if (!declared && options.unknown?.(argument, key, given) === false) return;
    const value = typeof given === "string" && !texts.has(key) ? numberIfNumeric(given) : given;
    for (const name of [key, ...aliases.get(key) ?? []]) {
      result[name] = collected.has(name) ? [...(result[name] as unknown[] | undefined) ?? [], value] : value;
    }
  }

  /** Sets an option that may take the next argument, and tells whether it took it. */
  function setWithNext(key: string, next: string | undefined, argument: string): boolean {
    const takesText = next && !next.startsWith("-") && !switches.has(key);
    if (takesText) set(key, next, argument);
    else if (next === "true" || next === "false") set(key, next === "true", argument);
    else {
      set(key, texts.has(key) ? "" : true, argument);
      return false;
    }
    return true;
  }

  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  const after = end < 0 ? [] : args.slice(end + 1);
  for (let index = 0; index < before.length; index++) {
    const argument = before[index]!;
    const { dashes, key, value } = /^(?<dashes>--?)(?<key>.+?)(?:=(?<value>.+))?$/s.exec(argument)?.groups ??
      {};
    if (key === undefined) {
      if (options.unknown?.(argument) !== false) {
        result._.push(texts.has("_") ? argument : numberIfNumeric(argument));
      }
      if (!options.stopEarly) continue;
      result._.push(...before.slice(index + 1));
      break;
    }
    if (value !== undefined) {
      set(key, switches.has(key) ? value !== "false" : value, argument);
      continue;
    }
    const keys = dashes === "--" ? [key] : [...key];
    for (const letter of keys.slice(0, -1)) set(letter, texts.has(letter) ? "" : true, argument);
    if (setWithNext(keys.at(-1)!, before[index + 1], argument)) index++;
  }

  for (const [name, value] of Object.entries(options.default ?? {})) {
    for (const key of [name, ...aliases.get(name) ?? []]) result[key] ??= value;
  }
  for (const name of switches) result[name] ??= collected.has(name) ? [] : false;
  for (const name of texts) if (collected.has(name)) result[name] ??= [];
  if (options["--"]) result["--"] = [...after];
  else result._.push(...after);
  return result;
}
