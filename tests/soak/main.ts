/** `deno task soak`: an hour of work, and its figures. @module */
import { problemsIn } from "./figures.ts";
import { soak } from "./soak.ts";

const HOUR = { warmUp: 300, watched: 3300 };

/** Looks between two lines. */
const LINE_EVERY = 60;

let count = 0;
const figures = await soak(HOUR, ({ atMs, residentKb, descriptors, collections }) => {
  if (count++ % LINE_EVERY !== 0) return;
  const minute = (atMs / 60_000).toFixed(1);
  console.log(`minute ${minute}: ${residentKb} kB, ${descriptors} descriptors, ${collections} collections`);
});
console.log(JSON.stringify(figures));
const problems = problemsIn(figures);
for (const problem of problems) console.error(problem);
Deno.exit(problems.length === 0 ? 0 : 1);
