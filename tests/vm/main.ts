/**
 * `deno task test:vm`: the guest tests on every kernel, each in a virtual machine of its own.
 *
 * Kernels come from the Debian mirror that the machine itself uses, once; they are kept in `ktm-vm` below
 * `XDG_CACHE_HOME`, and no network is needed when they are there.
 *
 * @module
 */
import type { Architecture } from "./architectures.ts";
import { isNative } from "./architectures.ts";
import { GUEST_TESTS, type GuestTest, SUPPORT } from "./guest_tests.ts";
import { fetchKernel } from "./kernel/fetch.ts";
import type { Kernel } from "./kernels.ts";
import { type Options, parseOptions } from "./options.ts";
import { checkPrerequisites } from "./prerequisites.ts";
import { GuestError, tail } from "./qemu/guest_error.ts";
import { type GuestResult, runGuest } from "./qemu/run_guest.ts";
import { supportHead, supportRow, updateTable } from "./support_table.ts";

/** A test on a kernel. */
interface Case {
  readonly test: GuestTest;
  readonly kernel: Kernel;
  readonly architecture: Architecture;
}

/** What came of a case. */
interface Outcome {
  readonly passed: boolean;
  /** Status and time, in a few words. */
  readonly summary: string;
  /** What helps to find the fault. */
  readonly details: string;
  readonly console: string;
  readonly output: string;
}

function own(architecture: Architecture): "native" | "foreign" {
  return isNative(architecture) ? "native" : "foreign";
}

function casesOf({ kernels, architectures, filter }: Options): Case[] {
  return architectures.flatMap((architecture) =>
    kernels.flatMap((kernel) =>
      GUEST_TESTS
        .filter((test) => test.name.includes(filter))
        .filter((test) => test.kernels?.includes(kernel.release) ?? true)
        .filter((test) => (test.architecture ?? own(architecture)) === own(architecture))
        .map((test) => ({ test, kernel, architecture }))
    )
  );
}

function ended({ status, output, console, wallMs }: GuestResult): Outcome {
  const time = `${(wallMs / 1000).toFixed(1)} s`;
  if (status === 0) return { passed: true, summary: time, details: "", console, output };
  return { passed: false, summary: `status ${status}, ${time}`, details: output, console, output };
}

function failed(error: unknown): Outcome {
  if (!(error instanceof Error)) throw error;
  const { console, output } = error instanceof GuestError ? error : { console: "", output: "" };
  const details = output === ""
    ? error.message
    : `${error.message}\nits command's output ends with\n${tail(output)}`;
  return { passed: false, summary: "not finished", details, console, output };
}

function nameOf({ test, kernel, architecture }: Case): string {
  return `${kernel.release} ${architecture.name} ${test.name}`;
}

/** A case that has ended. */
interface Result {
  readonly one: Case;
  readonly passed: boolean;
  readonly output: string;
}

async function runCase(one: Case, signal: AbortSignal, logFolder: string | undefined): Promise<Result> {
  const { name: _, kernels: __, architecture: ___, ...test } = one.test;
  const request = { ...test, kernel: one.kernel, architecture: one.architecture, signal };
  // A guest that dies or hangs may be the emulator's fault; a test that fails is not.
  const outcome = await runGuest(request).catch((error) => {
    if (!(error instanceof GuestError)) throw error;
    console.log(`again  ${nameOf(one)}: ${error.message.split("\n")[0]}`);
    return runGuest(request);
  }).then(ended, failed);
  signal.throwIfAborted();
  console.log(`${outcome.passed ? "ok    " : "FAILED"} ${nameOf(one)} (${outcome.summary})`);
  if (!outcome.passed) console.log(outcome.details);
  if (logFolder !== undefined) {
    const path = `${logFolder}/${nameOf(one).replaceAll(" ", "-")}`;
    await Deno.writeTextFile(`${path}.console`, outcome.console);
    await Deno.writeTextFile(`${path}.output`, outcome.output);
  }
  return { one, passed: outcome.passed, output: outcome.output };
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
  const said = results.filter(({ one, passed }) => passed && one.test.name === SUPPORT);
  const [first] = said;
  if (first === undefined) return true;
  const rows = said.map(({ one, output }) =>
    supportRow(`${one.kernel.release} ${one.architecture.name}`, output)
  );
  const before = await Deno.readTextFile(SUPPORT_DOCUMENT);
  const after = updateTable(before, supportHead(first.output), rows);
  if (update) await Deno.writeTextFile(SUPPORT_DOCUMENT, after);
  // The formatter pads cells, which says nothing.
  const words = (text: string) => text.replaceAll(/[ -]+/g, " ");
  if (update || words(before) === words(after)) return true;
  console.log("FAILED docs/kernel-support.md is out of date: run deno task test:vm --update");
  return false;
}

/** Runs the cases and tells whether all passed. */
async function main(options: Options, signal: AbortSignal): Promise<boolean> {
  checkPrerequisites(options.architectures);
  const cases = casesOf(options);
  if (cases.length === 0) {
    const names = GUEST_TESTS.map(({ name }) => name).join(", ");
    throw new RangeError(`No test to run: --filter ${options.filter} and the kernels leave none of ${names}`);
  }
  const logFolder = options.keepLog ? await Deno.makeTempDir({ prefix: "ktm-vm-" }) : undefined;
  await announceKernels(options);
  const start = performance.now();
  // All of them, also when they are stopped: each removes what it has made.
  const results = await Promise.allSettled(cases.map((one) => runCase(one, signal, logFolder)));
  const ended = results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
  const isCurrent = await checkSupportTable(ended, options.update);
  const passed = ended.filter((result) => result.passed).length;
  const failed = ended.length - passed + (isCurrent ? 0 : 1);
  if (logFolder !== undefined) console.log(`logs are in ${logFolder}`);
  console.log(`${cases.length} guests in ${((performance.now() - start) / 1000).toFixed(0)} s`);
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
