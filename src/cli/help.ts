/** Help, made from the tables of commands and options. @module */
import { MODULES } from "../collector/mod.ts";
import { HELP, type Option, VERSION } from "./arguments/options.ts";
import type { Command } from "./command.ts";
import { COMMANDS, DEFAULT_COMMAND } from "./commands.ts";

const COLUMNS = 80;

/** The text in lines of at most `width` characters, broken at spaces. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** Two columns under a title, the second one wrapped. */
function columns(title: string, rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.max(...rows.map(([term]) => term.length)) + 4;
  const lines = rows.flatMap(([term, meaning]) =>
    wrap(meaning, COLUMNS - left).map((line, index) => (index === 0 ? `  ${term}` : "").padEnd(left) + line)
  );
  return [title, ...lines, ""];
}

function optionRow(option: Option): readonly [string, string] {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  const value = option.value === undefined ? "" : ` ${option.value}`;
  const given = option.default === undefined ? "" : ` (default: ${option.default})`;
  return [`${short}--${option.name}${value}`, option.help + given];
}

/** What `ktm --help` prints. */
export function programHelp(): string {
  const commands = COMMANDS.filter(({ internal }) => !internal).map((command) =>
    [command.name, command.summary + (command === DEFAULT_COMMAND ? " (default)" : "")] as const
  );
  return [
    "Kernel Telemetry Module: watches one process from inside the kernel",
    "",
    "Usage: ktm [command] [options]",
    "",
    ...columns("Commands:", commands),
    ...columns("Options:", [HELP, VERSION].map(optionRow)),
    "Run ktm help <command>, or ktm <command> --help, for its options.",
    "",
  ].join("\n");
}

/** What `--modules` can name, for a command that takes it. */
function modules({ options }: Command): string[] {
  if (!options.some(({ name }) => name === "modules")) return [];
  return columns("Modules:", MODULES.map(({ name, summary }) => [name, summary]));
}

/** What `ktm <command> --help` prints. */
export function commandHelp(command: Command): string {
  return [
    command.summary,
    "",
    `Usage: ktm ${command.name} [options]`,
    "",
    ...columns("Options:", [...command.options, HELP].map(optionRow)),
    ...modules(command),
    "Examples:",
    ...command.examples.map((example) => `  ktm ${example}`),
    "",
  ].join("\n");
}
