/** Shell completion, asked of real shells. */
import assert from "node:assert/strict";
import { bashCompletion, VALUES, zshCompletion } from "../../scripts/build_completion.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { keyAt } from "../../src/sidecar/config/keys.ts";
import { output } from "../support/child.ts";
import { ROOT } from "../support/ktm.ts";
import { needs } from "../support/needs.ts";

const BASH = new URL("deploy/completion/ktm.bash", ROOT).pathname;
const ZSH = new URL("deploy/completion/_ktm", ROOT).pathname;
const SHOWN = COMMANDS.filter(({ internal }) => !internal).map(({ name }) => name);

/** What bash offers for the last of these words. */
async function bashOffers(...words: string[]): Promise<string[]> {
  const script = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _ktm; ' +
    'printf "%s\\n" "${COMPREPLY[@]}"';
  const { code, stdout, stderr } = await output("bash", "-c", script, BASH, ...words);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  return stdout.split("\n").filter((line) => line !== "");
}

/** What zsh hands to the functions that offer words. */
async function zshOffers(...words: string[]): Promise<string[]> {
  const script = 'compdef() { : }; source "$0"; _describe() { print -rl -- ${(P)2} }; ' +
    '_arguments() { print -rl -- "$@" }; words=("$@"); CURRENT=$#; _ktm';
  const { code, stdout, stderr } = await output("zsh", "-f", "-c", script, ZSH, ...words);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  return stdout.split("\n").filter((line) => line !== "");
}

Deno.test("the completion files are what the tables of commands and options make", async () => {
  assert.equal(await Deno.readTextFile(BASH), bashCompletion(), "run: deno task build");
  assert.equal(await Deno.readTextFile(ZSH), zshCompletion(), "run: deno task build");
});

Deno.test("completion offers only values that the options take", () => {
  const options = COMMANDS.flatMap(({ options }) => options);
  for (const [name, words] of Object.entries(VALUES)) {
    const option = options.find((option) => option.name === name);
    assert.ok(option !== undefined, name);
    for (const word of words) {
      if (option.configPath === undefined) option.check!(word);
      else {
        const key = keyAt(option.configPath);
        if (key.kind === "value") key.read(word);
        else key.readElement(word);
      }
    }
  }
});

Deno.test(needs(["bash"], "bash completes commands, options and values", async () => {
  assert.deepEqual((await bashOffers("ktm", "")).filter((word) => !word.startsWith("-")), SHOWN);
  assert.deepEqual(await bashOffers("ktm", "sn"), ["snapshot"]);
  assert.deepEqual(await bashOffers("ktm", "--log-l"), ["--log-level"]);
  assert.deepEqual(await bashOffers("ktm", "snapshot", "--fo"), ["--format"]);
  assert.deepEqual(await bashOffers("ktm", "snapshot", "--format", ""), ["prometheus", "json", "table"]);
  assert.deepEqual(await bashOffers("ktm", "run", "--config", BASH.slice(0, -1)), [BASH]);
  assert.deepEqual(await bashOffers("ktm", "check", "--listen"), []);
  assert.deepEqual(await bashOffers("ktm", "banana", "--"), []);
}));

Deno.test(needs(["bash"], "bash offers every option of every command", async () => {
  for (const { name, options, internal } of COMMANDS) {
    if (internal) continue;
    const offered = await bashOffers("ktm", name, "--");
    for (const option of options) assert.ok(offered.includes(`--${option.name}`), `${name} ${option.name}`);
  }
}));

Deno.test(needs(["zsh"], "zsh completes commands, options and values", async () => {
  assert.deepEqual((await zshOffers("ktm", "")).map((line) => line.split(":")[0]), SHOWN);
  const offered = await zshOffers("ktm", "snapshot", "--");
  assert.ok(offered.some((spec) => /^--format=\[.*\]:FORMAT:\(prometheus json table\)$/.test(spec)));
  assert.ok(offered.some((spec) => /^--config=\[.*\]:FILE:_files$/.test(spec)));
  assert.ok(!offered.some((spec) => spec.startsWith("--listen")));
  assert.ok((await zshOffers("ktm", "--")).some((spec) => spec.startsWith("--listen=")));
}));
