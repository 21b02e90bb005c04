import assert from "node:assert/strict";
import { debianArchive } from "./mirror.ts";
import { parseOneLineSources } from "./sources.ts";

const SOURCES = parseOneLineSources(`\
deb http://tools.example/apt nodistro main
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian-security bookworm-security main
deb [signed-by=/keys/a.gpg] http://mirror.example/debian bookworm main contrib
`);

Deno.test("debianArchive() picks the machine's own release among other archives", () => {
  assert.deepEqual(debianArchive(SOURCES, "bookworm"), {
    types: ["deb"],
    uris: ["http://mirror.example/debian"],
    suites: ["bookworm"],
    components: ["main"],
    signedBy: "/keys/a.gpg",
  });
});

Deno.test("debianArchive() knows a release by a name that moves", () => {
  const sources = parseOneLineSources("deb http://mirror.example/debian stable main");
  assert.deepEqual(debianArchive(sources, "bookworm")?.suites, ["stable"]);
});

Deno.test("debianArchive() finds nothing where the release is missing", () => {
  assert.equal(debianArchive(SOURCES, "trixie"), undefined);
});
