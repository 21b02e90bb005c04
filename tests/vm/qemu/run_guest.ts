/** One command in one virtual machine. @module */
import { type Architecture, isNative } from "../architectures.ts";
import { guestPlanEntries, guestSkeleton } from "../guest/init.ts";
import type { GuestSetup } from "../guest/setup.ts";
import { type Entry, writeCpio } from "../image/cpio.ts";
import { projectEntries } from "../image/project.ts";
import { scratchDisk } from "../image/scratch_disk.ts";
import { type FetchedKernel, fetchKernel } from "../kernel/fetch.ts";
import { guestModules } from "../kernel/modules.ts";
import type { Kernel } from "../kernels.ts";
import { findProgram } from "../programs.ts";
import { denoProgram } from "../userland/deno_program.ts";
import { foreignUserland } from "../userland/foreign.ts";
import { nativeUserland } from "../userland/native.ts";
import { machineTools } from "../userland/tools.ts";
import { type DiskLimit, emulatorArguments } from "./arguments.ts";
import { faultOf, GuestError } from "./guest_error.ts";
import { Slots } from "./slots.ts";

/** A command to run in a virtual machine. */
export interface GuestRequest {
  readonly kernel: Kernel;
  readonly architecture: Architecture;
  /** A program of the guest and its arguments; it runs in the project's folder. */
  readonly command: readonly string[];
  /** The state that the command finds; a usual machine unless given. */
  readonly setup?: GuestSetup;
  /** 1024 unless given. */
  readonly memoryMb?: number;
  /** 2 unless given, so that per-CPU maps have more than one slot that counts. */
  readonly processors?: number;
  /** None unless given. */
  readonly diskLimit?: DiskLimit;
  /** From power-on to the end; the architecture's unless given. */
  readonly timeoutMs?: number;
  /** Programs of the machine that the guest has too, if it is of the same architecture. */
  readonly tools?: readonly string[];
  /** Ends the guest early. */
  readonly signal?: AbortSignal;
}

/** What came of a command. */
export interface GuestResult {
  /** The command's exit status. */
  readonly status: number;
  /** What it wrote to standard output and standard error. */
  readonly output: string;
  /** What the kernel wrote to its console. */
  readonly console: string;
  /** From power-on to power-off. */
  readonly wallMs: number;
}

const DEFAULT_MEMORY_MB = 1024;
const DEFAULT_PROCESSORS = 2;

/** Emulation keeps one processor of the host busy for each guest, and the matrix runs on machines with two. */
const SLOTS = new Slots(2);

/** Gives the result of the first call of a function for an argument to the later calls. */
function once<Key, Value>(compute: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const results = new Map<Key, Promise<Value>>();
  return (key) => {
    const result = results.get(key) ?? compute(key);
    results.set(key, result);
    return result;
  };
}

/** The kernel's configuration, where older and newer releases of Debian have it. */
function kernelConfig({ folder, files }: FetchedKernel): Entry[] {
  return files.filter((path) => /^boot\/config-|^usr\/lib\/modules\/[^/]+\/config$/.test(path))
    .map((path) => ({ kind: "copy", path, source: `${folder}/${path}` }));
}

const project = once((_: "project") => projectEntries());

const userland = once(async (architecture: Architecture): Promise<Entry[]> => {
  const deno = await denoProgram(architecture);
  return isNative(architecture) ? await nativeUserland(deno) : await foreignUserland(architecture, deno);
});

async function tools({ tools = [], architecture }: GuestRequest): Promise<Entry[]> {
  if (tools.length === 0) return [];
  if (isNative(architecture)) return await machineTools(tools);
  throw new TypeError(
    `Cannot give the guest ${tools.join(", ")}: the machine's programs are not for ${architecture.name}: ` +
      "limit the test to the machine's own architecture",
  );
}

async function readText(path: string): Promise<string> {
  try {
    return (await Deno.readTextFile(path)).replaceAll("\r", "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/**
 * Starts a virtual machine, runs a command in it and waits for its end. At most two run at once.
 *
 * @param request the kernel, the guest's state and the command
 * @returns the command's status and output
 * @throws {GuestError} if the guest panics, hangs, or prints nothing
 * @throws {Error} if the kernel or a program cannot be fetched, or the emulator does not start
 */
export async function runGuest(request: GuestRequest): Promise<GuestResult> {
  const { architecture, command, setup = {}, memoryMb = DEFAULT_MEMORY_MB } = request;
  const kernel = await fetchKernel(request.kernel, architecture);
  const modules = await guestModules(kernel);
  const entries = [
    ...guestSkeleton(),
    ...await userland(architecture),
    ...await tools(request),
    ...await project("project"),
    ...kernelConfig(kernel),
    ...guestPlanEntries({ modules, setup, command }),
  ];
  const disk = await scratchDisk();

  using _slot = await SLOTS.take();
  request.signal?.throwIfAborted();
  const folder = await Deno.makeTempDir({ prefix: "ktm-guest-" });
  try {
    const files = {
      initramfs: `${folder}/initramfs`,
      console: `${folder}/console`,
      output: `${folder}/output`,
      status: `${folder}/status`,
    };
    await writeCpio(files.initramfs, entries);
    const args = emulatorArguments({
      ...files,
      architecture,
      memoryMb,
      processors: request.processors ?? DEFAULT_PROCESSORS,
      without: request.kernel.without,
      kernel: kernel.image,
      kernelArguments: setup.kernelArguments ?? [],
      disk,
      diskLimit: request.diskLimit,
    });
    return await powerOn(request, args, files);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The files that take what a guest writes. */
interface Channels {
  readonly console: string;
  readonly output: string;
  readonly status: string;
}

async function powerOn(request: GuestRequest, args: string[], files: Channels): Promise<GuestResult> {
  const { architecture, timeoutMs = architecture.timeoutMs } = request;
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  const start = performance.now();
  const emulator = await new Deno.Command(findProgram(architecture.emulator) ?? architecture.emulator, {
    args,
    signal,
    stdin: "null",
  }).output();
  const wallMs = performance.now() - start;
  request.signal?.throwIfAborted();

  const [console, output, status] = await Promise.all(
    [files.console, files.output, files.status].map(readText) as [
      Promise<string>,
      Promise<string>,
      Promise<string>,
    ],
  );
  if (/^\d+\n$/.test(status)) return { status: Number(status), output, console, wallMs };
  if (!deadline.aborted && !emulator.success) {
    const reason = new TextDecoder().decode(emulator.stderr).trim();
    throw new Error(
      `Cannot run ${architecture.emulator}: ${reason || `it ended with status ${emulator.code}`}`,
    );
  }
  throw new GuestError(faultOf(console, deadline.aborted ? timeoutMs : undefined), console, output);
}
