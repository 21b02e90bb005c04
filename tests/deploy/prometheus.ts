/** A real Prometheus as a child of a test. @module */
import { Child, output } from "../support/child.ts";
import { ROOT } from "../support/ktm.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temp_dir.ts";

/** The rules of the project. */
export const RULES = new URL("deploy/prometheus/ktm.rules.yml", ROOT).pathname;

/** A series of an answer, with its newest value. */
export interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A rule as the server tells of it. */
export interface Rule {
  readonly name: string;
  readonly query: string;
  /** `ok`, `err` or `unknown`. */
  readonly health: string;
  readonly lastError?: string;
  readonly type: "alerting" | "recording";
  readonly labels?: Readonly<Record<string, string>>;
}

/** Checks a file of rules that is made of expressions alone. */
export async function checkExpressions(expressions: readonly string[]): Promise<string> {
  await using directory = await temporaryDirectory();
  const rules = expressions.map((expr, index) => ({ record: `query:${index}`, expr }));
  const file = directory.file("rules.yml");
  // JSON is YAML.
  await Deno.writeTextFile(file, JSON.stringify({ groups: [{ name: "queries", rules }] }));
  const { stdout, stderr } = await output("promtool", "check", "rules", file);
  return stdout + stderr;
}

/** A server that scrapes every second; disposing it ends it and removes what it stored. */
export class Prometheus implements AsyncDisposable {
  readonly #child: Child;
  readonly #directory: TemporaryDirectory;
  readonly #address: string;

  private constructor(child: Child, directory: TemporaryDirectory, address: string) {
    this.#child = child;
    this.#directory = directory;
    this.#address = address;
  }

  /**
   * Starts a server with the project's rules.
   *
   * @param target host and port of an agent
   */
  static async start(target: string): Promise<Prometheus> {
    const directory = await temporaryDirectory();
    const config = {
      global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
      rule_files: [RULES],
      scrape_configs: [{ job_name: "ktm", static_configs: [{ targets: [target] }] }],
    };
    await Deno.writeTextFile(directory.file("prometheus.yml"), JSON.stringify(config));
    const child = new Child("prometheus", {
      args: [
        `--config.file=${directory.file("prometheus.yml")}`,
        `--storage.tsdb.path=${directory.file("data")}`,
        "--web.listen-address=127.0.0.1:0",
      ],
    });
    try {
      const [, address] = await child.said(/msg="Listening on" address=(\S+)/);
      await child.said(/Server is ready to receive web requests/);
      return new Prometheus(child, directory, `http://${address}`);
    } catch (error) {
      await child[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #api<T>(path: string): Promise<T> {
    const answer = await (await fetch(`${this.#address}/api/v1/${path}`)).json();
    if (answer.status !== "success") throw new Error(`Cannot ask Prometheus for ${path}: ${answer.error}`);
    return answer.data;
  }

  /** Evaluates a query now. */
  async query(expr: string): Promise<readonly Result[]> {
    const { result } = await this.#api<{ result: Result[] }>(`query?query=${encodeURIComponent(expr)}`);
    return result;
  }

  /** Every rule as it was evaluated last. */
  async rules(): Promise<readonly Rule[]> {
    const { groups } = await this.#api<{ groups: { rules: Rule[] }[] }>("rules");
    return groups.flatMap(({ rules }) => rules);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
    await this.#directory[Symbol.asyncDispose]();
  }
}
