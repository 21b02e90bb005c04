/** How much is in one place: lines of a file, and files side by side in a folder. */
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

/** More than a screenful or two has more than one purpose. */
const MOST_LINES = 350;

/** Files of a folder, but those of tests and folders in it: more have no order that one sees. */
const MOST_FILES = 20;

/** Folders with a reason. */
const FULL: Readonly<Record<string, string>> = {
  "tests/objects": "one object a file, each found by its name",
  "tests/workloads/windows": "recordings, made by a program",
};

interface Folder {
  /** From the top of the repository. */
  readonly path: string;
  /** Names of its files. */
  readonly files: readonly string[];
}

/** A folder and all in it. */
function* foldersIn(path: string): Generator<Folder> {
  const entries = [...Deno.readDirSync(new URL(`${path}/`, ROOT))];
  yield { path, files: entries.filter(({ isFile }) => isFile).map(({ name }) => name) };
  for (const { name, isDirectory } of entries) if (isDirectory) yield* foldersIn(`${path}/${name}`);
}

const FOLDERS = ["src", "tests"].flatMap((path) => [...foldersIn(path)]);

const isTest = (name: string) => name.endsWith("_test.ts");

/** Whether a folder has too many files side by side. */
function isFull({ files }: Folder): boolean {
  return files.filter((name) => !isTest(name)).length > MOST_FILES;
}

/** The number of lines of a text. */
function lines(text: string): number {
  return text.split("\n").length - 1;
}

const SOURCES = FOLDERS.flatMap(({ path, files }) =>
  files.filter((name) => name.endsWith(".ts")).map((name) => `${path}/${name}`)
);

Deno.test("no file has more than 350 lines", () => {
  const long = SOURCES.filter((path) => lines(Deno.readTextFileSync(new URL(path, ROOT))) > MOST_LINES);
  assert.deepEqual(long, [], "split it by purpose");
});

Deno.test("no folder has more than 20 files side by side without a reason", () => {
  const full = FOLDERS.filter(isFull).map(({ path }) => path);
  assert.deepEqual(
    full.toSorted(),
    Object.keys(FULL).toSorted(),
    "make rooms in it by what belongs together",
  );
});

Deno.test("no file is named as a test of another kind", () => {
  assert.deepEqual(SOURCES.filter((path) => /_spec\.ts$/.test(path)), []);
});

Deno.test("tests are in rooms by what they test", () => {
  const loose = FOLDERS.find(({ path }) => path === "tests")!.files;
  assert.deepEqual(loose.toSorted(), ["imports_test.ts", "rooms_test.ts"]);
});

Deno.test("lines() counts the last line, and isFull() does not count tests", () => {
  assert.deepEqual([lines("a\nb\n"), lines("")], [2, 0]);
  const named = (count: number, suffix: string) => Array.from({ length: count }, (_, n) => `${n}${suffix}`);
  assert.equal(isFull({ path: "src/a", files: [...named(20, ".ts"), ...named(9, "_test.ts")] }), false);
  assert.equal(isFull({ path: "src/a", files: [...named(20, ".ts"), "a.c"] }), true);
});
