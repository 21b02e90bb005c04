/** The HTTP server, which can move to another address. @module */
import type { ListenAddress } from "./config.ts";
import type { Host } from "./host.ts";
import { serve } from "./http.ts";
import type { HttpServer } from "./http_server.ts";

interface Serving {
  readonly address: ListenAddress;
  readonly server: HttpServer;
}

/** Serves a host under one address at a time, or none. */
export class Endpoint {
  readonly #host: Host;
  #serving: Serving | undefined;

  /** @param host what it tells of */
  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * Serves under another address; none if it is undefined. The old one is given up first, because it may be a
   * part of the new one.
   *
   * @throws {Error} if the address cannot be listened on; the old one is served again then
   */
  async move(address: ListenAddress | undefined): Promise<void> {
    const before = this.#serving?.address;
    await this.close();
    try {
      this.#open(address);
    } catch (error) {
      this.#open(before);
      throw error;
    }
  }

  /** Ends the server, without waiting for those who are slow to ask. */
  async close(): Promise<void> {
    const serving = this.#serving;
    this.#serving = undefined;
    await serving?.server.close();
  }

  #open(address: ListenAddress | undefined): void {
    if (address !== undefined) this.#serving = { address, server: serve(this.#host, address) };
  }
}
