/** Another configuration for an agent that runs. @module */
import type { Config } from "./config.ts";
import { type Change, changesBetween } from "./config_changes.ts";
import { ConfigError } from "./config_error.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Host } from "./host.ts";
import { configureLogging, log } from "./log.ts";

/** What is read at the start and never again. */
const NEEDS_RESTART = ["recorder.memory_limit", "recorder.file"];

function tellOf({ key, from, to }: Change): void {
  const text = (value: unknown) => value === undefined ? "not set" : value;
  if (NEEDS_RESTART.includes(key)) {
    log.warn("This key needs a restart", { key, from: text(from), to: text(to) });
  } else log.info("Changed", { key, from: text(from), to: text(to) });
}

/** Brings an agent to what its configuration says now. */
export class Reloader {
  readonly #host: Host;
  readonly #endpoint: Endpoint;
  readonly #read: () => Promise<Config>;
  #active: Config;

  /**
   * @param host the agent
   * @param endpoint its server, which serves what the configuration says
   * @param active the configuration at the moment
   * @param read reads it again
   */
  constructor(host: Host, endpoint: Endpoint, active: Config, read: () => Promise<Config>) {
    this.#host = host;
    this.#endpoint = endpoint;
    this.#active = active;
    this.#read = read;
  }

  /** Reads the configuration again, and does what it says; a bad one changes nothing. Never rejects. */
  async reload(): Promise<void> {
    try {
      const next = await this.#read();
      const changes = changesBetween(this.#active, next);
      const apply = this.#host.prepare(next);
      await this.#endpoint.change(next.exporter);
      await apply();
      configureLogging(next.log);
      this.#active = { ...next, recorder: this.#active.recorder };
      changes.forEach(tellOf);
      log.info("Reloaded the configuration", { changes: changes.length });
    } catch (error) {
      const problems = error instanceof ConfigError
        ? error.problems
        : [error instanceof Error ? error.message : String(error)];
      for (const problem of problems) {
        log.error("Cannot reload the configuration: the old one stays", { problem });
      }
    }
  }
}
