/** The Flight Recorder's bound, beside what the kernel says of the process. */
import assert from "node:assert/strict";
import { output } from "../support/child.ts";
import { ROOT } from "../support/ktm.ts";

const MIB = 1 << 20;
const [SMALL, LARGE] = [MIB, 32 * MIB];

/** More than the large one holds. */
const RECORDS = 50_000;

/** What the C library and the engine take or keep beside, as a share. */
const TOLERANCE = 0.25;

/** What `fill_recorder.ts` prints for each number of series: some, twice as many, and some again. */
type Filled = readonly { readonly rows: number; readonly bytes: number; readonly resident: number }[];

async function filled(limit: number): Promise<Filled> {
  const program = new URL("tests/recorder/fill_recorder.ts", ROOT).pathname;
  const flags = ["--quiet", "--no-check", "--v8-flags=--expose-gc,--max-semi-space-size=1", "-A"];
  const { code, stdout, stderr } = await output(
    Deno.execPath(),
    "run",
    ...flags,
    program,
    `${limit}`,
    `${RECORDS}`,
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("a recorder takes its limit of the process's memory, and no more, whatever series come and go", async () => {
  const [small, large] = [await filled(SMALL), await filled(LARGE)];
  for (const [index, { bytes, resident }] of large.entries()) {
    assert.ok(bytes <= LARGE && bytes > 0.99 * LARGE, `${bytes} bytes`);
    const more = resident - small[index]!.resident;
    console.log(
      `${(bytes / MIB).toFixed(1)} MiB in the recorder, ${(more / MIB).toFixed(1)} MiB more resident`,
    );
    assert.ok(Math.abs(more / (LARGE - SMALL) - 1) < TOLERANCE, `${more} bytes more are resident`);
  }
  const [first, second, third] = large.map(({ rows }) => rows);
  // Twice the series, half the rows; and back.
  assert.ok(Math.abs(second! / first! - 0.5) < 0.01, `${first} rows, then ${second}`);
  assert.ok(Math.abs(third! / first! - 1) < 0.01, `${first} rows, then ${third}`);
});
