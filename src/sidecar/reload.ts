/** Another configuration for an agent that runs. @module */
import { messageOf } from "../syscall/message_of.ts";
import { type Change, changesBetween } from "./config/changes.ts";
import type { Config } from "./config/config.ts";
import { ConfigError } from "./config/error.ts";
import { writeValue } from "./config/keys.ts";
import type { Host } from "./host.ts";
import type { Endpoint } from "./http/endpoint.ts";
import { answerLog, configureLogging } from "./log/log.ts";

/** What is read at the start and never again. */
const NEEDS_RESTART = ["recorder.memory_limit", "recorder.file"];

function needsRestart({ key }: Change): boolean {
  return NEEDS_RESTART.includes(key);
}

function tellOf(change: Change): void {
  const { key, from, to } = change;
  const properties = { key, from: writeValue(key, from), to: writeValue(key, to) };
  if (needsRestart(change)) answerLog.warn("This key needs a restart", properties);
  else answerLog.info("Changed", properties);
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
      const inEffect = changes.filter((change) => !needsRestart(change));
      answerLog.info("Reloaded the configuration", { changes: inEffect.length });
    } catch (error) {
      const problems = error instanceof ConfigError ? error.problems : [messageOf(error)];
      for (const problem of problems) {
        answerLog.error("Cannot reload the configuration: the old one stays", { problem });
      }
    }
  }
}
