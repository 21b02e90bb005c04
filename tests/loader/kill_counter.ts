/**
 * A process whose calls of kill(2) are known, and the programs that count them.
 *
 * As a program of its own, for other mount namespaces: attaches one program of an object, has ten
 * calls made, and prints the count of each CPU as JSON, or the error.
 *
 * @module
 */
import { BpfObject, type OpenOptions, possibleCpus, SLOT_0 } from "../../src/loader/mod.ts";

/** Number of kill(2). Source: as in `src/syscall/arch.ts`. */
export const NR_KILL: number = { x86_64: 62, aarch64: 129 }[Deno.build.arch];

/** `struct tally` of tests/objects/count.bpf.c, which per-CPU values pad to 16 bytes. */
const STRIDE = 16;

/** A shell that calls kill(2) as often as it is told. */
export class Killer implements AsyncDisposable {
  readonly #shell: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #output: ReadableStreamDefaultReader<string>;

  constructor() {
    this.#shell = new Deno.Command("sh", { args: ["-s"], stdin: "piped", stdout: "piped" }).spawn();
    this.#input = this.#shell.stdin.getWriter();
    this.#output = this.#shell.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  get pid(): number {
    return this.#shell.pid;
  }

  /** Has the shell do something, and waits until it has. */
  async #run(command: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${command}\necho done\n`));
    const { value } = await this.#output.read();
    if (value !== "done\n") throw new Error(`Cannot go on: the shell says ${value}`);
  }

  /** Moves the shell to one of the first 32 CPUs. */
  async moveTo(cpu: number): Promise<void> {
    await this.#run(`taskset -p ${(1 << cpu >>> 0).toString(16)} $$ > /dev/null`);
  }

  /** Makes exactly so many calls. */
  async call(times: number): Promise<void> {
    await this.#run(`i=0; while [ $i -lt ${times} ]; do kill -0 $$; i=$((i + 1)); done`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#shell.status;
    await this.#output.cancel();
  }
}

/** Opens tests/objects/count.bpf.c for the calls of one process. */
export function openCounter(object: Uint8Array, { pid }: Killer, options: OpenOptions = {}): BpfObject {
  return new BpfObject(object, { ...options, constants: { watched_tgid: pid, nr_kill: NR_KILL } });
}

/** Calls counted on each possible CPU. */
export function countsByCpu(object: BpfObject): number[] {
  const value = object.map("tallies").lookup(SLOT_0);
  if (value === undefined) throw new Error("Cannot read the counts: the map is empty");
  const view = new DataView(value.buffer);
  return Array.from({ length: possibleCpus() }, (_, cpu) => view.getUint32(cpu * STRIDE, true));
}

if (import.meta.main) {
  const [path, program] = Deno.args;
  await using killer = new Killer();
  using object = openCounter(await Deno.readFile(path!), killer);
  try {
    object.attach(program!);
    await killer.call(10);
    console.log(JSON.stringify(countsByCpu(object)));
  } catch (error) {
    console.log(JSON.stringify(error instanceof Error ? error.message : error));
  }
}
