/** `docs/troubleshooting.md` beside the source: each message that it explains is one that the program has. */
import assert from "node:assert/strict";
import { TRANSITIONS } from "../../src/target/lifecycle.ts";
import { ROOT } from "../support/ktm.ts";

const PAGE = Deno.readTextFileSync(new URL("docs/troubleshooting.md", ROOT));
const MESSAGES = [...PAGE.matchAll(/^### (.+)$/gm)].map(([, message]) => message!);

/** Shorter parts would be found in any source. */
const SHORTEST = 4;

/** The text of every file of the program, with strings that are broken over lines in one piece. */
function source(folder: URL): string {
  return [...Deno.readDirSync(folder)].map(({ name, isDirectory }) => {
    if (isDirectory) return source(new URL(`${name}/`, folder));
    if (!name.endsWith(".ts") || name.endsWith("_test.ts")) return "";
    return Deno.readTextFileSync(new URL(name, folder)).replaceAll(/["`]\s*\+\s*["`]/g, "");
  }).join("\n");
}

/** The parts of a message that stand in the source: between them is what differs, or what a cause adds. */
function parts(message: string): string[] {
  return message.split(/\u2026|: |, /).map((part) => part.trim()).filter((part) => part.length >= SHORTEST);
}

Deno.test("docs/troubleshooting.md explains only messages that the program has", () => {
  const text = source(new URL("src/", ROOT));
  assert.ok(MESSAGES.length > 20);
  for (const message of MESSAGES) {
    assert.ok(parts(message).length > 0, message);
    for (const part of parts(message)) assert.ok(text.includes(part), `${message}: ${part}`);
  }
});

/** The beginning of a message, which does not differ from one time to the next. */
function beginning(message: string): string {
  return message.split(/[:;]/)[0]!;
}

Deno.test("docs/troubleshooting.md explains every warning and every error of the log", () => {
  const logged = source(new URL("src/", ROOT)).matchAll(
    /\b(?:log|answerLog)\.(?:warn|error)\(\s*["`]([^"`$]+)/g,
  );
  const changes = Object.values(TRANSITIONS).flatMap((events) => Object.values(events));
  const messages = [
    ...logged.map(([, message]) => message!),
    ...changes.filter(({ level }) => level === "warn" || level === "error").map(({ message }) => message),
  ];
  assert.ok(messages.length > 20);
  // The formatter breaks long lines.
  const page = PAGE.replaceAll("\n", " ");
  assert.deepEqual(messages.filter((message) => !page.includes(beginning(message))), []);
});

Deno.test("docs/troubleshooting.md is in the order of the alphabet", () => {
  assert.deepEqual(MESSAGES, MESSAGES.toSorted((a, b) => a.localeCompare(b, "en", { sensitivity: "base" })));
  for (const [, letter, section] of PAGE.matchAll(/^## (\w)\n([^]*?)(?=^## |(?![^]))/gm)) {
    for (const [, first] of section!.matchAll(/^### (.)/gm)) assert.equal(first!.toUpperCase(), letter);
  }
});

Deno.test("docs/operation.md names only files that are there", async () => {
  const text = await Deno.readTextFile(new URL("docs/operation.md", ROOT));
  const paths = new Set([...text.matchAll(/\bdeploy\/[\w./-]*\w/g)].map(([path]) => path));
  assert.ok(paths.size > 5);
  for (const path of paths) await Deno.stat(new URL(path, ROOT));
});
