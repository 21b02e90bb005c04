/** What the workload does, and what has to be counted of that. @module */
import assert from "node:assert/strict";
import type { Stage } from "../support/stage.ts";
import type { Workload } from "../support/target/workload.ts";
import type { Watch } from "../support/watch.ts";
import type { Amount, Outcome } from "./expect.ts";

/** Pages of the file. */
export const PAGES = 512;

/** The watched workload, one that is not watched, and what was counted. */
export interface Bench {
  readonly stage: Stage;
  readonly target: Workload;
  readonly witness: Workload;
  readonly watch: Watch;
  readonly file: string;
}

/** Something to do, and what has to come of it. */
export interface Scenario {
  readonly name: string;
  /** So many threads sleep in read(2) at the same time that a kretprobe loses some of them. */
  readonly isCrowded?: boolean;
  readonly run: (bench: Bench) => Promise<Outcome>;
}

/** What the witness finds of the file in the page cache. */
export async function inCache({ witness, file }: Bench): Promise<{ pages: number; folios: number }> {
  const { pages, folios } = await witness.do("cached", file);
  return { pages: pages!, folios: folios! };
}

/** The file, on the disk alone. */
export async function coldFile({ witness, file }: Bench, pages = PAGES): Promise<void> {
  await witness.do("create", file, pages);
  await witness.do("evict", file);
}

/** Look-ups of so many batches: some ways count those too that are repeated after a wait for the disk. */
function lookups({ watch }: Bench, batches: number, repeats: number): Amount {
  return watch.exact("cache_lookup") === false ? [batches, batches + repeats] : batches;
}

function simple(name: string, ...words: (string | number)[]): Scenario {
  return { name, run: async ({ target }) => ({ done: await target.do(...words) }) };
}

/** What has to do with system calls alone. */
export const SYSCALLS: readonly Scenario[] = [
  {
    name: "a read that began before the attach is no sample, and the thread's next ones are",
    run: async ({ target }) => {
      const done = await target.do("release");
      const [succeeded, bytes, failed] = done.read;
      return { done: { ...done, read: [succeeded - 1, bytes - 1, failed] } };
    },
  },
  simple("calls that succeed and calls that fail", "calls"),
  {
    name: "reads that find nothing yet are no errors and no samples",
    run: async ({ target }) => {
      const done = await target.do("again", 7);
      // Of an empty pipe and of a socket; preads of a pipe are ESPIPE.
      assert.deepEqual([done.again, done.read, done.pread[2]], [14, [0, 0, 0], 7]);
      return { done };
    },
  },
  {
    name: "calls of the 32-bit table are none of the calls whose numbers they have",
    run: async ({ target }) => {
      const done = await target.do("compat", 250);
      // Where the kernel takes such calls at all.
      assert.ok(Deno.build.arch !== "x86_64" || [0, 250].includes(done.compat!), String(done.compat));
      return { done };
    },
  },
  {
    name: "each advice, an unknown one, and calls that fail",
    run: async ({ target, file, witness }) => {
      await witness.do("create", file, 0);
      return { done: await target.do("fadvise", file) };
    },
  },
  simple("reads that a signal ends, whose handler makes calls of its own", "interrupt", 20),
  {
    name: "a read that goes on after signals: each interruption is an error",
    run: async ({ target }) => ({ done: await target.do("restart", 20), hiddenErrors: 20 }),
  },
  {
    isCrowded: true,
    name: "threads that are killed inside of a call: an error each, and no duration",
    run: async ({ target }) => ({ done: await target.do("cut", 50, "kill"), hiddenErrors: 50 }),
  },
  {
    isCrowded: true,
    name: "threads whose process ends inside of a call: an error each, and no duration",
    run: async ({ target }) => ({ done: await target.do("cut", 50, "exit"), hiddenErrors: 50 }),
  },
];

/** Calls of many threads at the same time. */
export function crowd(threads: number): Scenario {
  return { ...simple(`${threads} threads at the same time`, "crowd", threads, 5), isCrowded: true };
}

/** What has to do with the page cache. */
export const CACHE: readonly Scenario[] = [
  {
    name: "cold pages one by one: each is a miss and an add",
    run: async (bench) => {
      await coldFile(bench);
      const done = await bench.target.do("pagewise", bench.file);
      const { pages, folios } = await inCache(bench);
      assert.equal(pages, PAGES);
      return {
        done,
        expected: {
          ktm_cache_read_attempts_total: lookups(bench, PAGES, 2 * PAGES),
          ktm_cache_misses_total: PAGES,
          ktm_page_cache_adds_total: folios,
          ktm_page_cache_added_pages_total: pages,
        },
      };
    },
  },
  {
    name: "warm pages: no miss and no add",
    run: async (bench) => ({
      done: await bench.target.do("pagewise", bench.file),
      expected: { ktm_cache_read_attempts_total: lookups(bench, PAGES, 0) },
    }),
  },
  {
    name: "what fadvise takes out of the cache is a delete",
    run: async (bench) => {
      const { folios } = await inCache(bench);
      const done = await bench.target.do("dontneed", bench.file);
      assert.equal((await inCache(bench)).pages, 0);
      return { done, expected: { ktm_page_cache_deletes_total: folios } };
    },
  },
  {
    name: "readahead is an add and no miss",
    run: async (bench) => {
      await coldFile(bench);
      const done = await bench.target.do("sequential", bench.file);
      const { pages, folios } = await inCache(bench);
      assert.equal(pages, PAGES);
      const missing = done.missing!;
      assert.ok(missing > 0 && missing < PAGES / 4, `${missing} pages missing`);
      // Before cachestat(2) a page on its way looks as if it were missing.
      const exact: Amount = done.exact ? missing : [1, missing];
      return {
        done,
        expected: {
          ktm_cache_read_attempts_total: lookups(bench, PAGES, 2 * PAGES),
          ktm_cache_misses_total: bench.watch.exact("cache_miss") === false ? [1, PAGES] : exact,
          ktm_page_cache_adds_total: folios,
          ktm_page_cache_added_pages_total: pages,
        },
      };
    },
  },
  {
    name: "what truncation takes out of the cache is a delete",
    run: async (bench) => {
      const { folios } = await inCache(bench);
      const done = await bench.target.do("empty", bench.file);
      return { done, expected: { ktm_page_cache_deletes_total: folios } };
    },
  },
  {
    name: "page faults add, and are neither attempts nor misses",
    run: async (bench) => {
      await coldFile(bench);
      const done = await bench.target.do("fault", bench.file);
      const { pages, folios } = await inCache(bench);
      assert.equal(pages, PAGES);
      return {
        done,
        expected: { ktm_page_cache_adds_total: folios, ktm_page_cache_added_pages_total: pages },
      };
    },
  },
  {
    name: "writes add, and are neither attempts nor misses",
    run: async (bench) => {
      await coldFile(bench);
      const done = await bench.target.do("overwrite", bench.file);
      const { pages, folios } = await inCache(bench);
      assert.equal(pages, PAGES);
      return {
        done,
        expected: { ktm_page_cache_adds_total: folios, ktm_page_cache_added_pages_total: pages },
      };
    },
  },
];
