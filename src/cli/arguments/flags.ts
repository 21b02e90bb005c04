/** The options that one command line gives. @module */
import type { Override } from "../../sidecar/config/config.ts";
import { parseDuration } from "../../sidecar/config/values/duration.ts";
import type { Option } from "./options.ts";

/** The options of a command with the values that the command line gives them. */
export class Flags {
  readonly #options: readonly Option[];
  readonly #given: ReadonlyMap<string, string | true>;

  /**
   * @param options what the command takes
   * @param given values by name, or true for a switch
   */
  constructor(options: readonly Option[], given: ReadonlyMap<string, string | true>) {
    this.#options = options;
    this.#given = given;
  }

  /** Whether the option is given. */
  has(name: string): boolean {
    return this.#given.has(name);
  }

  /** The options that are given, by name. */
  get names(): string[] {
    return [...this.#given.keys()];
  }

  /** The value that is given, else the option's default, else undefined. */
  text(name: string): string | undefined {
    const given = this.#given.get(name);
    if (typeof given === "string") return given;
    return this.#options.find((option) => option.name === name)?.default;
  }

  /**
   * The value as milliseconds.
   *
   * @throws {RangeError} if there is neither a value nor a default
   */
  duration(name: string): number {
    return parseDuration(this.text(name) ?? "");
  }

  /** The values that go before the configuration file's. */
  overrides(): Override[] {
    return this.#options.flatMap(({ name, configPath, list }) => {
      const given = this.#given.get(name);
      if (configPath === undefined || typeof given !== "string") return [];
      return [{ flag: `--${name}`, path: configPath, value: list ? given.split(",") : given }];
    });
  }
}
