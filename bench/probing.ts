/**
 * `deno task bench:probing`: what an agent costs while it looks for a target that is not there, as a table for
 * docs/performance.md.
 *
 * @module
 */
import { kernelRelease } from "../src/syscall/mod.ts";
import { Child, output } from "../tests/support/child.ts";
import { startKtm } from "../tests/support/ktm.ts";
import { temporaryDirectory } from "../tests/support/temp_dir.ts";

/** Sleeping processes beside those that the machine has. */
const CROWD = 5000;
/** How long an agent is watched, after V8 has tidied up what the start left, once, half a minute later. */
const [REST_MS, WATCH_MS] = [40_000, 60_000];
const BUDGET_PERCENT = 0.1;

/** Nanoseconds that the threads of a process have run: the first field of `schedstat`. */
function runNs(pid: number): number {
  const threads = [...Deno.readDirSync(`/proc/${pid}/task`)];
  return threads.reduce(
    (sum, { name }) =>
      sum + Number(Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ")[0]),
    0,
  );
}

function processes(): number {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).length;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Shares of one processor, in percent. */
interface Shares {
  readonly agent: number;
  /** Of a Deno that does nothing, once a second. */
  readonly deno: number;
}

/** What an agent without a target takes, and a Deno that does nothing at the same time. */
async function idleShares(): Promise<Shares> {
  await using agent = startKtm(["run", "--comm-prefix", "no-such-process"]);
  await using deno = new Child(Deno.execPath(), { args: ["eval", "setInterval(() => {}, 1000)"] });
  await agent.said(/Waiting for the target/);
  await wait(REST_MS);
  const pids = [agent.pid, deno.pid];
  const before = pids.map(runNs);
  const start = performance.now();
  await wait(WATCH_MS);
  const ns = (performance.now() - start) * 1e6;
  const [ofAgent, ofDeno] = pids.map((pid, index) => (runNs(pid) - before[index]!) / ns * 100);
  return { agent: ofAgent!, deno: ofDeno! };
}

await using directory = await temporaryDirectory();
const program = directory.file("crowd");
const { code, stderr } = await output(
  "cc",
  "-static",
  "-O2",
  "-o",
  program,
  new URL("probing/crowd.c", import.meta.url).pathname,
);
if (code !== 0) throw new Error(`Cannot compile: ${stderr}`);
const { release } = kernelRelease();
console.log(
  `${navigator.hardwareConcurrency} CPUs, ${Deno.build.arch}, Linux ${release}, Deno ${Deno.version.deno}.\n`,
);
console.log("| processes | agent, share of one CPU | Deno that does nothing | target |");
console.log("| --- | --- | --- | --- |");
await using crowd = new Child(program, { args: [String(CROWD)], stdin: "piped" });
await crowd.said(/^ready$/);
const { agent, deno } = await idleShares();
console.log(`| ${processes()} | ${agent.toFixed(3)} % | ${deno.toFixed(3)} % | ${BUDGET_PERCENT} % |`);
Deno.exitCode = agent < BUDGET_PERCENT ? 0 : 1;
