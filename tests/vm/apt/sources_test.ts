import assert from "node:assert/strict";
import { formatDeb822Sources, parseDeb822Sources, parseOneLineSources } from "./sources.ts";

Deno.test("parseOneLineSources() reads options, suites and components, and skips comments", () => {
  const text = `\
# deb http://disabled.example/debian bookworm main

deb [arch=amd64 signed-by=/keys/a.gpg] http://mirror.example/debian bookworm main contrib # why
deb-src http://mirror.example/debian bookworm main
`;
  assert.deepEqual(parseOneLineSources(text), [
    {
      types: ["deb"],
      uris: ["http://mirror.example/debian"],
      suites: ["bookworm"],
      components: ["main", "contrib"],
      signedBy: "/keys/a.gpg",
    },
    {
      types: ["deb-src"],
      uris: ["http://mirror.example/debian"],
      suites: ["bookworm"],
      components: ["main"],
      signedBy: undefined,
    },
  ]);
});

Deno.test("parseDeb822Sources() reads paragraphs, whatever the case of the fields, and skips disabled ones", () => {
  const text = `\
Types: deb deb-src
# a comment inside
URIs: http://mirror.example/debian
suites: bookworm bookworm-updates
Components: main
Signed-By: /keys/a.gpg

Enabled: no
Types: deb
URIs: http://other.example/debian
Suites: sid
Components: main
`;
  assert.deepEqual(parseDeb822Sources(text), [{
    types: ["deb", "deb-src"],
    uris: ["http://mirror.example/debian"],
    suites: ["bookworm", "bookworm-updates"],
    components: ["main"],
    signedBy: "/keys/a.gpg",
  }]);
});

Deno.test("formatDeb822Sources() writes a key that stands in the file as it was read", () => {
  const text = `\
Types: deb
URIs: http://mirror.example/debian
Suites: bookworm
Components: main
Signed-By: 
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6JDcKw/NZJPR8lsD3K87ZM18gzyQZJD+w
 -----END PGP PUBLIC KEY BLOCK-----
`;
  assert.equal(formatDeb822Sources(parseDeb822Sources(text)), text);
});
