/** The HTTP server, which can move to another address. @module */
import type { Config } from "../config/config.ts";
import type { Host } from "../host.ts";
import { serve } from "./serve.ts";
import type { HttpServer } from "./server.ts";

/** Where to serve, and for which names. */
type Settings = Config["exporter"];

function isSameAddress({ listen: a }: Settings, { listen: b }: Settings): boolean {
  return a?.hostname === b?.hostname && a?.port === b?.port;
}

/** Serves a host under one address at a time, or none. */
export class Endpoint {
  readonly #host: Host;
  #settings: Settings = { allowed_hosts: [] };
  #server: HttpServer | undefined;

  /** @param host what it tells of */
  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * Serves as these settings say; under no address if there is none. The old address is given up first, because it
   * may be a part of the new one; the same one is kept with its connections.
   *
   * @throws {Error} if the address cannot be listened on; all is as before then
   */
  async change(next: Settings): Promise<void> {
    const before = this.#settings;
    this.#settings = next;
    if (isSameAddress(before, next)) return;
    await this.close();
    try {
      this.#open();
    } catch (error) {
      this.#settings = before;
      this.#open();
      throw error;
    }
  }

  /** Ends the server, without waiting for those who are slow to ask. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  #open(): void {
    const { listen } = this.#settings;
    if (listen !== undefined) this.#server = serve(this.#host, listen, () => this.#settings.allowed_hosts);
  }
}
