/**
 * `deno task ok`: everything that has to hold before a change is merged, and how many tests said so.
 *
 * Ends with the plain line `N passed, N failed`.
 *
 * @module
 */
import { runSteps } from "./gate/run_steps.ts";

/** The oldest and the newest kernel; `deno task nightly` runs them all. */
const KERNELS = ["--kernel", "5.10,7.3"];

const isGood = await runSteps([
  { task: "check" },
  { task: "build", args: ["--check"] },
  { task: "test" },
  { task: "test:vm", args: KERNELS, ahead: { task: "test:vm", args: [...KERNELS, "--fetch"] } },
]);
Deno.exit(isGood ? 0 : 1);
