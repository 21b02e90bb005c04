/** What the documentation names is there. */
import assert from "node:assert/strict";
import { ROOT } from "../support/ktm.ts";

/** A file of the repository; a word in capitals stands for what differs. */
const PATH = /(?<![\w/.])(?:src|tests|scripts|bpf|bench|deploy)\/[\w./-]*\.(?:ts|c|h|md|ya?ml|json)\b/g;

function pages(): string[] {
  const docs = [...Deno.readDirSync(new URL("docs/", ROOT))].map(({ name }) => `docs/${name}`);
  return ["README.md", ...docs.filter((name) => name.endsWith(".md"))];
}

/** Whether a path is that of a file, and not an example of one. */
function isExample(path: string): boolean {
  return path.split(/[/.]/).some((part) => /^[A-Z]{4,}$/.test(part));
}

Deno.test("every file that the documentation names is there", async () => {
  const named = await Promise.all(
    pages().map(async (page) => {
      const text = await Deno.readTextFile(new URL(page, ROOT));
      return [...text.matchAll(PATH)].map(([path]) => [page, path] as const);
    }),
  );
  const paths = named.flat().filter(([, path]) => !isExample(path));
  assert.ok(paths.length > 50);
  const isThere = (path: string) => Deno.stat(new URL(path, ROOT)).then(() => true, () => false);
  const missing = await Promise.all(paths.map(async (one) => await isThere(one[1]) ? [] : [one]));
  assert.deepEqual(missing.flat(), []);
});
