/** Commands in one virtual machine. @module */
import { type Architecture, isNative } from "../architectures.ts";
import { type GuestCommand, guestPlanEntries, guestSkeleton } from "../guest/init.ts";
import { type CommandResult, takeApart } from "../guest/marks.ts";
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

/** How a guest is powered on. */
export interface GuestBoot {
  /** 1024 unless given. */
  readonly memoryMb?: number;
  /** 2 unless given, so that per-CPU maps have more than one slot that counts. */
  readonly processors?: number;
  /** None unless given. */
  readonly diskLimit?: DiskLimit;
  /** More arguments of the kernel, for example `preempt=full`. */
  readonly kernelArguments?: readonly string[];
}

/** What to run in a virtual machine. */
export interface GuestRequest {
  readonly kernel: Kernel;
  readonly architecture: Architecture;
  readonly boot?: GuestBoot;
  /** One after the other, whatever comes of them. */
  readonly commands: readonly GuestCommand[];
  /** From power-on to the end; the architecture's unless given. */
  readonly timeoutMs?: number;
  /** Programs of the machine that the guest has too, if it is of the same architecture. */
  readonly tools?: readonly string[];
  /** Ends the guest early. */
  readonly signal?: AbortSignal;
}

/** What came of a guest. */
export interface GuestResult {
  /** In the order of the commands. */
  readonly results: readonly CommandResult[];
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
 * Starts a virtual machine, runs commands in it and waits for its end. At most two run at once, those first that
 * were asked for first.
 *
 * @param request the kernel and the commands with the states that they find
 * @returns what came of the commands
 * @throws {GuestError} if the guest panics, hangs, or prints nothing
 * @throws {Error} if the kernel or a program cannot be fetched, or the emulator does not start
 */
export async function runGuest(request: GuestRequest): Promise<GuestResult> {
  using _slot = await SLOTS.take();
  request.signal?.throwIfAborted();
  const { architecture, commands, boot = {} } = request;
  const kernel = await fetchKernel(request.kernel, architecture);
  const entries = [
    ...guestSkeleton(),
    ...await userland(architecture),
    ...await tools(request),
    ...await project("project"),
    ...kernelConfig(kernel),
    ...guestPlanEntries(await guestModules(kernel), commands),
  ];
  const disk = await scratchDisk();
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
      memoryMb: boot.memoryMb ?? DEFAULT_MEMORY_MB,
      processors: boot.processors ?? DEFAULT_PROCESSORS,
      without: request.kernel.without,
      kernel: kernel.image,
      kernelArguments: boot.kernelArguments ?? [],
      disk,
      diskLimit: boot.diskLimit,
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
  if (status === "done\n") return { results: takeApart(output).ended, console, wallMs };
  if (!deadline.aborted && !emulator.success) {
    const reason = new TextDecoder().decode(emulator.stderr).trim();
    throw new Error(
      `Cannot run ${architecture.emulator}: ${reason || `it ended with status ${emulator.code}`}`,
    );
  }
  throw new GuestError(faultOf(console, deadline.aborted ? timeoutMs : undefined), console, output);
}
