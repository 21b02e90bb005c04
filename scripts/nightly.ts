/**
 * `deno task nightly`: what takes too long for every change, summed up as `deno task ok` does.
 *
 * All tests with as many repeats as they have, every kernel, a million changed objects, ten minutes of chaos and an
 * hour of work.
 *
 * @module
 */
import { runSteps } from "./gate/run_steps.ts";

const isGood = await runSteps([
  { task: "test", env: { CI: "true", KTM_NIGHTLY: "true" } },
  { task: "test:vm", ahead: { task: "test:vm", args: ["--fetch"] } },
  { task: "test:vm", args: ["--filter", "whole-scope"] },
  { task: "fuzz" },
  { task: "chaos" },
  { task: "soak" },
]);
Deno.exit(isGood ? 0 : 1);
