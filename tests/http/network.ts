/** A machine next to this one: a network namespace with an address that reaches this one's. @module */
import { output } from "../support/child.ts";

/** Addresses for documentation (RFC 5737), which no network has: four of them for each process of tests. */
const [OURS, THEIRS] = [1, 2].map((last) => `198.51.100.${4 * (Deno.pid % 64) + last}`) as [string, string];

async function ip(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await output("ip", ...args);
  if (code !== 0) throw new Error(`Cannot run ip ${args.join(" ")}: ${stderr}`);
}

/** A neighbour; disposing it removes it. */
export class Neighbour implements AsyncDisposable {
  /** The address of this machine for the neighbour. */
  readonly address = OURS;
  readonly #name: string;

  private constructor(name: string) {
    this.#name = name;
  }

  /** Makes one. */
  static async make(): Promise<Neighbour> {
    const name = `ktm-net-${Deno.pid}`;
    await ip("netns", "add", name);
    const neighbour = new Neighbour(name);
    try {
      // The name of an interface has at most 15 bytes.
      const link = `ktm${Deno.pid}`;
      await ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name);
      await ip("address", "add", `${OURS}/30`, "dev", link);
      await ip("link", "set", link, "up");
      await ip("-n", name, "address", "add", `${THEIRS}/30`, "dev", "eth0");
      await ip("-n", name, "link", "set", "eth0", "up");
    } catch (error) {
      await neighbour[Symbol.asyncDispose]();
      throw error;
    }
    return neighbour;
  }

  /** Sends a text to a port of this machine, and gives what comes until this machine closes the connection. */
  async ask(port: number, text: string): Promise<string> {
    const script = 'exec 3<>"/dev/tcp/$0/$1" && printf "%b" "$2" >&3 && cat <&3';
    const escaped = text.replaceAll("\\", "\\\\").replaceAll("\r", "\\r").replaceAll("\n", "\\n");
    const { code, stdout, stderr } = await output(
      "ip",
      "netns",
      "exec",
      this.#name,
      "bash",
      "-c",
      script,
      this.address,
      `${port}`,
      escaped,
    );
    if (code !== 0) throw new Error(`Cannot ask: ${stderr}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // With the namespace go its interface and the other end of that.
    await ip("netns", "delete", this.#name);
  }
}
