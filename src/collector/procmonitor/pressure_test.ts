import assert from "node:assert/strict";
import { parsePressure, pressureSamples } from "./pressure.ts";

/** As Linux 6.12 writes it. */
const BOTH = "some avg10=0.82 avg60=3.43 avg300=22.53 total=4002295317\n" +
  "full avg10=0.00 avg60=0.00 avg300=0.00 total=17\n";

Deno.test("parsePressure() gives nanoseconds", () => {
  assert.deepEqual(parsePressure(BOTH), { some: 4_002_295_317_000n, full: 17_000n });
});

Deno.test("parsePressure() gives nothing of a line that is not there, which is not 0", () => {
  assert.deepEqual(parsePressure(BOTH.split("\n")[0]!), { some: 4_002_295_317_000n });
  assert.deepEqual(parsePressure(""), {});
});

Deno.test("parsePressure() gives nothing of what is no pressure", () => {
  const broken = [
    "some avg10=0.82 avg60=3.43 avg300=22.53 total=",
    "some avg10=0.82 avg60=3.43 avg300=22.53 total=-1",
    "some avg10=0.82 avg60=3.43 avg300=22.53 total=99999999999999999999",
    // Microseconds of 64 bits, whose nanoseconds are more.
    "some avg10=0.82 avg60=3.43 avg300=22.53 total=18446744073709551615",
    "some total=1",
    "half avg10=0.00 avg60=0.00 avg300=0.00 total=1",
    "\0\xff\xfe",
    "some ".repeat(100_000),
  ];
  for (const text of broken) assert.deepEqual(parsePressure(text), {}, text.slice(0, 80));
});

Deno.test("pressureSamples() labels resource and kind, each time by the same object", () => {
  const samples = pressureSamples("io", BOTH);
  assert.deepEqual(samples.map(({ labels }) => labels), [
    { resource: "io", kind: "some" },
    { resource: "io", kind: "full" },
  ]);
  const again = pressureSamples("io", BOTH);
  samples.forEach(({ labels }, index) => assert.equal(labels, again[index]!.labels));
});
