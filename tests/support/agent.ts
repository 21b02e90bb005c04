/** `ktm run` with its HTTP server, as a child of a test. @module */
import { type Child, output } from "./child.ts";
import { valueOf } from "./exposition.ts";
import { heldBy } from "./kernel/bpf_objects.ts";
import { ROOT, startKtm } from "./ktm.ts";
import { until } from "./until.ts";

/** The series with the number of read calls that succeeded. */
export const READS = "ktm_sys_read_latency_seconds_count";

/** What the HTTP server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The slot of a map, as bpftool shows and writes it. */
export interface MapSlot {
  /** Like `0x2a`. */
  readonly bytes: readonly string[];
  readonly write: (bytes: readonly string[]) => Promise<void>;
}

async function bpftool(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await output("bpftool", ...args);
  if (code !== 0) throw new Error(`Cannot run bpftool ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

/** A running agent; disposing it kills it. */
export class Agent implements AsyncDisposable {
  readonly child: Child;
  /** Where its HTTP server listens, as a URL. */
  readonly address: string;

  constructor(child: Child, address: string) {
    this.child = child;
    this.address = address;
  }

  /** Asks its HTTP server. */
  async get(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.address + path, init);
    const { status, headers } = response;
    return { status, headers, text: await response.text() };
  }

  async #metrics(): Promise<string> {
    return (await this.get("/metrics")).text;
  }

  /** The value of a series in a collection that began after this was asked; undefined if it is absent. */
  async value(series: string): Promise<number | undefined> {
    const collections = (text: string) => valueOf(text, "ktm_collections_total") ?? 0;
    // The next one may be under way already.
    const enough = collections(await this.#metrics()) + 2;
    const text = await until("collection", async () => {
      const text = await this.#metrics();
      return collections(text) >= enough && text;
    });
    return valueOf(text, series);
  }

  /** How many read calls it has counted. */
  async reads(): Promise<number> {
    const count = await this.value(READS);
    if (count === undefined) throw new Error(`Cannot go on: the agent counts no ${READS}`);
    return count;
  }

  /** The slot of the map that tells the kernel whom to watch. */
  async filter(): Promise<MapSlot> {
    const maps: { id: number; name: string }[] = JSON.parse(await bpftool("--json", "map", "list"));
    const held = heldBy(this.child.pid).map;
    const map = maps.find(({ id, name }) => name === "ktm_scope" && held.has(id));
    if (map === undefined) throw new Error("Cannot find the filter: the agent holds no map ktm_scope");
    const slot = ["id", String(map.id), "key", "0", "0", "0", "0"];
    const { value } = JSON.parse(await bpftool("--json", "map", "lookup", ...slot));
    return {
      bytes: value,
      write: async (bytes) => void await bpftool("map", "update", ...slot, "value", ...bytes),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]();
  }
}

/**
 * Starts an agent that collects ten times a second and listens on a free port.
 *
 * @param args options of `run`
 * @param wrapper a program with its arguments that starts the command line that follows it
 * @param root the checkout: this one unless given
 */
export async function startAgent(
  args: readonly string[],
  wrapper: readonly string[] = [],
  root: string | URL = ROOT,
): Promise<Agent> {
  const isLogSet = args.includes("--log-level") || args.includes("--config");
  const options = [
    ...["--interval", "100ms", "--listen", "127.0.0.1:0"],
    // So that no line is left out, however often it comes.
    ...isLogSet ? [] : ["--log-level", "debug"],
  ];
  const child = startKtm(["run", ...options, ...args], wrapper, root);
  try {
    const [, address] = await child.said(/Listening address=(\S+)/);
    return new Agent(child, address!);
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}
