/**
 * `deno task test:vm`: the guest tests on every kernel, in virtual machines.
 *
 * Kernels come from the Debian mirror that the machine itself uses, once; they are kept in `ktm-vm` below
 * `XDG_CACHE_HOME`, and no network is needed when they are there.
 *
 * @module
 */
import { excuse } from "../support/excuses.ts";
import type { Architecture } from "./architectures.ts";
import { isNative } from "./architectures.ts";
import { type CommandResult, takeApart } from "./guest/marks.ts";
import { turnOf } from "./guest/setup.ts";
import { GUEST_TESTS, type GuestTest, SUPPORT } from "./guest_tests.ts";
import { fetchKernel } from "./kernel/fetch.ts";
import type { Kernel } from "./kernels.ts";
import { notesIn } from "./notes.ts";
import { type Options, parseOptions } from "./options.ts";
import { checkPrerequisites } from "./prerequisites.ts";
import { GuestError, tail } from "./qemu/guest_error.ts";
import { runGuest } from "./qemu/run_guest.ts";
import { supportHead, supportRow, updateTable } from "./support_table.ts";

/** Tests that share a guest, in the order in which they run. */
interface Guest {
  readonly kernel: Kernel;
  readonly architecture: Architecture;
  readonly tests: readonly GuestTest[];
}

/** What came of a test. */
interface Result {
  /** Kernel, architecture and test. */
  readonly name: string;
  readonly isSupport: boolean;
  readonly passed: boolean;
  readonly output: string;
}

function own(architecture: Architecture): "native" | "foreign" {
  return isNative(architecture) ? "native" : "foreign";
}

/** The guests of a run, those that take longest first, so that all processors are busy until the end. */
function guestsOf({ kernels, architectures, filter }: Options): Guest[] {
  return architectures.flatMap((architecture) =>
    kernels.flatMap((kernel) => {
      const tests = GUEST_TESTS
        .filter(({ name, isLong }) => isLong ? name === filter : name.includes(filter))
        .filter((test) => test.kernels?.includes(kernel.release) ?? true)
        .filter((test) => (test.architecture ?? own(architecture)) === own(architecture))
        .toSorted((a, b) => turnOf(a.setup ?? {}) - turnOf(b.setup ?? {}));
      const shared = Map.groupBy(tests, ({ boot }) => JSON.stringify(boot));
      return [...shared.values()].map((tests) => ({ kernel, architecture, tests }));
    })
  ).sort((a, b) => b.tests.length - a.tests.length);
}

/** `5.10 amd64` */
function machineOf({ kernel, architecture }: Guest): string {
  return `${kernel.release} ${architecture.name}`;
}

/** Says what came of a test, with what helps to find the fault if there is one. */
function told(
  guest: Guest,
  { name: test }: GuestTest,
  summary: string,
  output: string,
  fault?: string,
): Result {
  const name = `${machineOf(guest)} ${test}`;
  console.log(`${fault === undefined ? "ok    " : "FAILED"} ${name} (${summary})`);
  for (const line of fault === undefined ? notesIn(output) : [fault]) console.log(line);
  return { name, isSupport: test === SUPPORT, passed: fault === undefined, output };
}

function toldOfEnd(guest: Guest, test: GuestTest, { status, seconds, output }: CommandResult): Result {
  const time = `${seconds.toFixed(1)} s`;
  if (status === 0) return told(guest, test, time, output);
  return told(guest, test, `status ${status}, ${time}`, output, output);
}

/** What came of the tests of a guest that died, hung, or did not start. */
function toldOfFault(guest: Guest, tests: readonly GuestTest[], error: Error): Result[] {
  const { ended, rest } = takeApart(error instanceof GuestError ? error.output : "");
  const fault = rest === "" ? error.message : `${error.message}\nthe test's output ends with\n${tail(rest)}`;
  return tests.map((test, index) => {
    const end = ended[index];
    if (end !== undefined) return toldOfEnd(guest, test, end);
    return told(
      guest,
      test,
      "not finished",
      rest,
      index === ended.length ? fault : "its guest ended before it",
    );
  });
}

/** What is counted beside the results. */
interface Count {
  /** Guests that were run again. */
  retried: number;
}

/** Where what guests write is kept, if it is. */
type Keep = (name: string, text: string) => Promise<void>;

/** Runs the tests of a guest, in as many guests as it takes: one that dies or hangs may be the emulator's fault. */
async function runTests(
  guest: Guest,
  { signal, keep, count }: { signal: AbortSignal; keep: Keep; count: Count },
): Promise<Result[]> {
  const run = async (tests: readonly GuestTest[], mayRepeat: boolean): Promise<Result[]> => {
    const boot = tests[0]!.boot ?? {};
    const tools = [...new Set(tests.flatMap(({ tools = [] }) => tools))];
    const { kernel, architecture } = guest;
    try {
      const request = { kernel, architecture, boot, tools, commands: tests, signal };
      const { results, console: text, wallMs } = await runGuest(request);
      await keep(`${machineOf(guest)} ${tests[0]!.name}.console`, text);
      console.log(`guest  ${machineOf(guest)}: ${tests.length} tests in ${(wallMs / 1000).toFixed(0)} s`);
      return tests.map((test, index) => toldOfEnd(guest, test, results[index]!));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error)) throw error;
      if (!(error instanceof GuestError)) return toldOfFault(guest, tests, error);
      await keep(`${machineOf(guest)} ${tests[0]!.name}.console`, error.console);
      if (!mayRepeat) return toldOfFault(guest, tests, error);
      const { ended } = takeApart(error.output);
      const results = ended.map((end, index) => toldOfEnd(guest, tests[index]!, end));
      const left = tests.slice(ended.length);
      const what = `${machineOf(guest)} ${left[0]?.name}: ${error.message.split("\n")[0]}`;
      excuse("guests run again", 1, what);
      count.retried++;
      return [...results, ...left.length === 0 ? [] : await run(left, false)];
    }
  };
  const results = await run(guest.tests, true);
  for (const { name, output } of results) await keep(`${name}.output`, output);
  return results;
}

/** Fetches what is not there yet, and names what is used. */
async function announceKernels({ kernels, architectures }: Options): Promise<void> {
  for (const architecture of architectures) {
    for (const kernel of kernels) {
      const { packages } = await fetchKernel(kernel, architecture);
      console.log(`kernel ${kernel.release} ${architecture.name}: ${packages.join(" ")}`);
    }
  }
}

const SUPPORT_DOCUMENT = new URL("../../docs/kernel-support.md", import.meta.url);

/** Writes the support table, or tells whether it says what the guests say. */
async function checkSupportTable(results: readonly Result[], update: boolean): Promise<boolean> {
  const said = results.filter(({ isSupport, passed }) => isSupport && passed);
  const [first] = said;
  if (first === undefined) return true;
  const rows = said.map(({ name, output }) => supportRow(name.slice(0, -SUPPORT.length - 1), output));
  const before = await Deno.readTextFile(SUPPORT_DOCUMENT);
  const after = updateTable(before, supportHead(first.output), rows);
  if (update) await Deno.writeTextFile(SUPPORT_DOCUMENT, after);
  // The formatter pads cells, which says nothing.
  const words = (text: string) => text.replaceAll(/[ -]+/g, " ");
  if (update || words(before) === words(after)) return true;
  console.log("FAILED docs/kernel-support.md is out of date: run deno task test:vm --update");
  return false;
}

/** Keeps what guests write in a folder, if it is to be kept. */
async function keeper({ keepLog }: Options): Promise<Keep> {
  if (!keepLog) return () => Promise.resolve();
  const folder = await Deno.makeTempDir({ prefix: "ktm-vm-" });
  console.log(`logs are in ${folder}`);
  return (name, text) => Deno.writeTextFile(`${folder}/${name.replaceAll(" ", "-")}`, text, { append: true });
}

/** Runs the tests and tells whether all passed. */
async function main(options: Options, signal: AbortSignal): Promise<boolean> {
  checkPrerequisites(options.architectures);
  const guests = guestsOf(options);
  if (guests.length === 0) {
    const names = GUEST_TESTS.map(({ name }) => name).join(", ");
    throw new RangeError(`No test to run: --filter ${options.filter} and the kernels leave none of ${names}`);
  }
  const keep = await keeper(options);
  await announceKernels(options);
  if (options.fetch) return true;
  const count = { retried: 0 };
  const start = performance.now();
  // All of them, also when they are stopped: each removes what it has made.
  const settled = await Promise.allSettled(guests.map((guest) => runTests(guest, { signal, keep, count })));
  const results = settled.flatMap((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
  const isCurrent = await checkSupportTable(results, options.update);
  const passed = results.filter((result) => result.passed).length;
  const failed = results.length - passed + (isCurrent ? 0 : 1);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${results.length} tests in ${guests.length} guests, ${seconds} s`);
  console.log(`${passed} passed, ${failed} failed, ${count.retried} retried`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

if (import.meta.main) {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => controller.abort(new Error(`Stopped by ${name}`)));
  }
  try {
    Deno.exit(await main(parseOptions(Deno.args), controller.signal) ? 0 : 1);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(error instanceof RangeError ? 2 : 1);
  }
}
