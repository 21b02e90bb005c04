import assert from "node:assert/strict";
import { negotiate, parseMediaType } from "./accept.ts";

const METRICS = [
  "text/plain; version=0.0.4; charset=utf-8",
  "application/openmetrics-text; version=1.0.0; charset=utf-8",
].map(parseMediaType);
const [TEXT, OPENMETRICS] = [0, 1];

Deno.test("negotiate() gives each Prometheus the format that it prefers", () => {
  // What the versions send by default: scrape/scrape.go and config/config.go of prometheus/prometheus.
  const cases: readonly (readonly [accept: string, wanted: number])[] = [
    [
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;" +
      "version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3," +
      "*/*;q=0.2",
      OPENMETRICS,
    ],
    [
      "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
      "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      OPENMETRICS,
    ],
    ["text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.3,*/*;q=0.1", TEXT],
    ["text/plain;version=0.0.4;q=1,*/*;q=0.1", TEXT],
  ];
  for (const [accept, wanted] of cases) assert.equal(negotiate(accept, METRICS), wanted, accept);
});

Deno.test("negotiate() follows weights, wildcards and the closest range, in any case", () => {
  const cases: readonly (readonly [accept: string | undefined, wanted: number])[] = [
    [undefined, TEXT],
    ["", TEXT],
    ["*/*", TEXT],
    ["Application/OpenMetrics-Text", OPENMETRICS],
    ["application/openmetrics-text; Version=1.0.0; Q=0.2, text/plain; q=0.1", OPENMETRICS],
    ['application/openmetrics-text; version="1.0.0"', OPENMETRICS],
    ["application/openmetrics-text;q=0", TEXT],
    ["application/openmetrics-text;q=0.0, */*", TEXT],
    ["text/plain;q=0, */*", OPENMETRICS],
    ["text/plain;q=0, application/*", OPENMETRICS],
    ["application/*;q=0.9, text/*;q=0.8", OPENMETRICS],
    ["application/*;q=0.9, application/openmetrics-text;q=0.1, text/*;q=0.8", TEXT],
    ["application/openmetrics-text;version=0.0.1, text/plain;q=0.1", TEXT],
    ["application/openmetrics-text;version=1.0.0;q=0, application/openmetrics-text, text/plain;q=0.1", TEXT],
    ["text/plain, application/openmetrics-text", TEXT],
    ["application/openmetrics-text\t;\tq=0.7 , text/plain;q=0.6", OPENMETRICS],
  ];
  for (const [accept, wanted] of cases) assert.equal(negotiate(accept, METRICS), wanted, accept);
});

Deno.test("negotiate() gives its first offer to those who accept none, and passes over what is no range", () => {
  for (const accept of ["image/png", "text/plain;q=0, application/openmetrics-text;q=0", "*/*;q=0"]) {
    assert.equal(negotiate(accept, METRICS), TEXT, accept);
  }
  for (
    const nonsense of [
      ",,",
      ";q=1",
      "q=1",
      "application/openmetrics-text/x",
      "application/openmetrics-text;q=2",
      "*",
    ]
  ) {
    assert.equal(negotiate(nonsense, METRICS), TEXT, nonsense);
    assert.equal(
      negotiate(`${nonsense}, application/openmetrics-text;q=0.1`, METRICS),
      OPENMETRICS,
      nonsense,
    );
  }
});
