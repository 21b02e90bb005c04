/** From arguments to a command with its flags. @module */
import { parseArgs } from "@std/cli/parse-args";
import { didYouMean } from "../../sidecar/config/suggest.ts";
import type { Command, CommandLine } from "../command.ts";
import { COMMANDS, DEFAULT_COMMAND, VERSION_COMMAND } from "../commands.ts";
import { Flags } from "./flags.ts";
import { HELP, type Option, VERSION } from "./options.ts";
import { UsageError } from "./usage_error.ts";

/** What the arguments ask for: help, of the program unless a command is named, or a command. */
export type Request =
  | { readonly kind: "help"; readonly command: Command | undefined }
  | { readonly kind: "run"; readonly command: Command; readonly line: CommandLine };

function usageError(problem: string, command?: Command): UsageError {
  return new UsageError(`${problem}: run ktm ${command ? `${command.name} ` : ""}--help`);
}

function findCommand(word: string): Command {
  const command = COMMANDS.find(({ name }) => name === word);
  if (command !== undefined) return command;
  const names = COMMANDS.filter(({ internal }) => !internal).map(({ name }) => name);
  throw usageError(`Unknown command ${word}${didYouMean(word, names)}`);
}

/** Names the first undeclared argument. */
function unknownArgument(argument: string, options: readonly Option[]): string {
  if (!argument.startsWith("-")) return `Unexpected argument ${JSON.stringify(argument)}`;
  const [name = argument] = argument.split("=");
  return `Unknown option ${name}${didYouMean(name, options.map((option) => `--${option.name}`))}`;
}

/** The one value of an option that takes one, or undefined if it is not given. */
function singleValue(option: Option, values: readonly string[], command: Command): string | undefined {
  const [value] = values;
  if (values.length > 1) throw usageError(`Option --${option.name} is given more than once`, command);
  if (value === "") throw missingValue(option, command);
  return value;
}

function missingValue(option: Option, command: Command): UsageError {
  return usageError(`Option --${option.name} needs a value`, command);
}

function checkValue(option: Option, value: string): void {
  try {
    option.check?.(value);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`--${option.name}: ${error.message}`) : error;
  }
}

/** Joins a lone dash to the option whose value it is: the parser would take it for another argument. */
function withDashes(args: readonly string[], names: readonly string[]): string[] {
  const takesDash = (index: number) =>
    args[index + 1] === "-" && names.some((name) => args[index] === `--${name}`);
  return args.flatMap((argument, index) => {
    if (takesDash(index - 1)) return [];
    return takesDash(index) ? [`${argument}=-`] : [argument];
  });
}

/** Reads the options of a command, and of those the ones that are given. */
function parseOptions(
  args: readonly string[],
  command: Command,
  options: readonly Option[],
): Map<string, string | true> {
  const switches = options.filter(({ value }) => value === undefined);
  const valued = options.filter(({ value }) => value !== undefined);
  const names = valued.map(({ name }) => name);
  const alias = Object.fromEntries(options.flatMap(({ name, short }) => short ? [[name, short]] : []));
  const unknown: string[] = [];
  const parsed: Record<string, unknown> = parseArgs(withDashes(args, names), {
    boolean: switches.map(({ name }) => name),
    string: [...names, "_"],
    collect: names,
    alias,
    unknown: (argument: string) => {
      // `--name=` is no option to the parser, which knows names and not the sign.
      const empty = valued.find(({ name }) => argument === `--${name}=`);
      if (empty !== undefined) throw missingValue(empty, command);
      unknown.push(argument);
      return false;
    },
  });
  const given = new Map<string, string | true>();
  for (const { name } of switches) if (parsed[name] === true) given.set(name, true);
  if (given.has(HELP.name)) return given;
  for (const option of valued) {
    const value = singleValue(option, parsed[option.name] as string[], command);
    if (value === undefined) continue;
    checkValue(option, value);
    given.set(option.name, value);
  }
  const [first = (parsed._ as string[])[0]] = unknown;
  if (first !== undefined) throw usageError(unknownArgument(first, options), command);
  return given;
}

/** Reads what follows the word help: nothing, or a command. */
function parseHelp([word, ...rest]: readonly string[]): Request {
  if (word === undefined || word === `--${HELP.name}`) return { kind: "help", command: undefined };
  const command = findCommand(word);
  if (command.internal) throw usageError(`Unknown command ${word}`);
  const [extra] = rest;
  if (extra !== undefined) throw usageError(unknownArgument(extra, []));
  return { kind: "help", command };
}

/**
 * Reads the arguments of the program.
 *
 * @param args without the program's own name
 * @throws {UsageError} if they name no command, or something that the command does not take
 */
export function parseCommandLine(args: readonly string[]): Request {
  const [word] = args;
  if (word === HELP.name) return parseHelp(args.slice(1));
  const named = word !== undefined && !word.startsWith("-");
  const command = named ? findCommand(word) : DEFAULT_COMMAND;
  if (command.internal) {
    return { kind: "run", command, line: { flags: new Flags([], new Map()), args: args.slice(1) } };
  }
  const options = [...command.options, HELP, ...named ? [] : [VERSION]];
  const given = parseOptions(named ? args.slice(1) : args, command, options);
  if (given.has(HELP.name)) return { kind: "help", command: named ? command : undefined };
  const line = { flags: new Flags(options, given), args: [] };
  return { kind: "run", command: given.has(VERSION.name) ? VERSION_COMMAND : command, line };
}
