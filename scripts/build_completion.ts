/** Shell completion, made from the tables of commands and options. @module */
import { HELP, type Option, VERSION } from "../src/cli/arguments/options.ts";
import type { Command } from "../src/cli/command.ts";
import { COMMANDS, DEFAULT_COMMAND } from "../src/cli/commands.ts";
import { MODULES } from "../src/collector/mod.ts";
import { compareOrWrite, ROOT } from "./build_support.ts";

/** Options whose value is one of a few words. */
export const VALUES: Readonly<Record<string, readonly string[]>> = {
  "comm-fallback": ["always", "when-unset", "never"],
  "format": ["prometheus", "json", "table"],
  "log-format": ["text", "json"],
  "log-level": ["debug", "info", "warn", "error"],
  "modules": MODULES.map(({ name }) => name),
};

/** What help calls the value of an option that names a file. */
const FILE = "FILE";

const SHOWN = COMMANDS.filter(({ internal }) => !internal);

/** The options of a command; those of the default one may stand without its name, where --version may be, too. */
function optionsOf(command: Command): readonly Option[] {
  return [...command.options, HELP, ...command === DEFAULT_COMMAND ? [VERSION] : []];
}

/** Each option that takes a value once, by its name. */
function valuedOptions(): Option[] {
  const options = SHOWN.flatMap(({ options }) => options).filter(({ value }) => value !== undefined);
  return [...new Map(options.map((option) => [option.name, option])).values()];
}

function bashValue(option: Option): string {
  const words = VALUES[option.name];
  if (option.value === FILE) return 'compopt -o filenames; COMPREPLY=($(compgen -f -- "$current"))';
  return words === undefined ? ":" : `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current"))`;
}

/** `ktm.bash`. */
export function bashCompletion(): string {
  const names = (command: Command) => optionsOf(command).map(({ name }) => `--${name}`).join(" ");
  return [
    "# Completion of ktm for bash: source it, or copy it to /usr/share/bash-completion/completions/ktm.",
    "# deno task build makes it from the tables in src/cli.",
    "# shellcheck shell=bash disable=SC2207",
    "_ktm() {",
    "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}",
    `  local command=${DEFAULT_COMMAND.name} words`,
    "  if ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != -* ]]; then command=${COMP_WORDS[1]}; fi",
    "  COMPREPLY=()",
    "  case $previous in",
    ...valuedOptions().map((option) => `    --${option.name}) ${bashValue(option)}; return ;;`),
    "  esac",
    "  case $command in",
    ...SHOWN.map((command) => `    ${command.name}) words="${names(command)}" ;;`),
    "    *) return ;;",
    "  esac",
    `  if ((COMP_CWORD == 1)); then words+=" ${SHOWN.map(({ name }) => name).join(" ")}"; fi`,
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "}",
    "complete -F _ktm ktm",
    "",
  ].join("\n");
}

/** Text between single quotes and brackets, as _arguments(1) and _describe(1) take it. */
function zshText(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, "\\$&");
}

function zshAction(option: Option): string {
  if (option.value === undefined) return "";
  const words = VALUES[option.name];
  const action = option.value === FILE ? "_files" : words === undefined ? " " : `(${words.join(" ")})`;
  return `:${zshText(option.value)}:${action}`;
}

/** `_ktm`. */
export function zshCompletion(): string {
  return [
    "#compdef ktm",
    "# Completion of ktm for zsh: copy it to a folder of $fpath.",
    "# deno task build makes it from the tables in src/cli.",
    "_ktm() {",
    `  local command=${DEFAULT_COMMAND.name}`,
    "  local -a commands=(",
    ...SHOWN.map(({ name, summary }) => `    '${name}:${zshText(summary)}'`),
    "  )",
    "  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then _describe command commands; return; fi",
    "  if [[ $words[2] != -* ]]; then command=$words[2]; shift words; (( CURRENT-- )); fi",
    "  case $command in",
    ...SHOWN.flatMap((command) => [
      `    ${command.name})`,
      "      _arguments \\",
      ...optionsOf(command).map((option, index, { length }) => {
        const sign = option.value === undefined ? "" : "=";
        const spec = `'--${option.name}${sign}[${zshText(option.help)}]${zshAction(option)}'`;
        return `        ${spec}${index + 1 < length ? " \\" : " ;;"}`;
      }),
    ]),
    "  esac",
    "}",
    // Autoloaded, the file is the function's body; sourced, it only defines it.
    'if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _ktm "$@"; else compdef _ktm ktm; fi',
    "",
  ].join("\n");
}

/** Writes the files of `deploy/completion`, or compares them with what is committed. */
export async function buildCompletion(check: boolean): Promise<void> {
  const encoder = new TextEncoder();
  const folder = new URL("deploy/completion/", ROOT);
  await compareOrWrite(new URL("ktm.bash", folder), encoder.encode(bashCompletion()), check);
  await compareOrWrite(new URL("_ktm", folder), encoder.encode(zshCompletion()), check);
}
