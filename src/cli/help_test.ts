import assert from "node:assert/strict";
import { MODULES } from "../collector/mod.ts";
import { parseCommandLine } from "./arguments/parse.ts";
import { COMMANDS } from "./commands.ts";
import { commandHelp, programHelp } from "./help.ts";

const SHOWN = COMMANDS.filter(({ internal }) => !internal);

Deno.test("help fits in 80 columns", () => {
  for (const help of [programHelp(), ...SHOWN.map(commandHelp)]) {
    for (const line of help.split("\n")) assert(line.length <= 80 && line === line.trimEnd(), line);
  }
});

Deno.test("programHelp() names every command but the internal ones", () => {
  const listed = [...programHelp().matchAll(/^ {2}([a-z][\w-]*) /gm)].map(([, name]) => name);
  assert.deepEqual(listed, SHOWN.map(({ name }) => name));
});

Deno.test("commandHelp() names every option of the command", () => {
  for (const command of SHOWN) {
    const listed = [...commandHelp(command).matchAll(/^ {2}.{4}--([\w-]+)/gm)].map(([, name]) => name);
    assert.deepEqual(listed, [...command.options.map(({ name }) => name), "help"]);
  }
});

Deno.test("commandHelp() says what each module observes, where one can be named", () => {
  for (const command of SHOWN) {
    const takesModules = command.options.some(({ name }) => name === "modules");
    for (const { name, summary } of MODULES) {
      const line = commandHelp(command).split("\n").find((line) => line.startsWith(`  ${name} `));
      assert.equal(line?.endsWith(summary), takesModules || undefined, command.name);
    }
  }
});

Deno.test("the examples of commandHelp() are command lines of that command", () => {
  for (const command of SHOWN) {
    for (const example of command.examples) {
      assert(commandHelp(command).includes(`  ktm ${example}\n`));
      const request = parseCommandLine(example.split(" "));
      assert(request.kind === "run");
      assert.equal(request.command, command);
    }
  }
});
