/**
 * What KTM makes of the machine it finds: it works, works in part, or says in one line why it cannot.
 *
 * The tests in virtual machines say in the environment variable KTM_OUTCOME, as JSON, what it has to be there.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Finding } from "../../src/collector/mod.ts";
import { mountsOfType, processId } from "../../src/syscall/mod.ts";
import { startAgent } from "../support/agent.ts";
import { Child } from "../support/child.ts";
import { removeCgroup } from "../support/kernel/cgroup.ts";
import { ktm } from "../support/ktm.ts";
import { needs } from "../support/needs.ts";
import { until } from "../support/until.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** What has to come out. */
interface Expectation {
  readonly verdict?: "full" | "degraded" | "cannot run";
  /** A regular expression for what `check` says of it. */
  readonly reason?: string;
  /** A program with its arguments that starts ktm, with fewer privileges for example. */
  readonly wrapper?: readonly string[];
}

const EXPECTED: Expectation = JSON.parse(Deno.env.get("KTM_OUTCOME") ?? "{}");
const STATUS = { full: 2, degraded: 1, "cannot run": 0 } as const;

/** A process with a comm of its own and, where there is cgroup2, a cgroup of its own. */
class Target implements AsyncDisposable {
  readonly comm = `banyand${crypto.randomUUID().slice(0, 4)}`;
  readonly #cgroup: string | undefined;
  readonly #child: Child;

  constructor() {
    const mount = mountsOfType("cgroup2")[0]?.mountPoint;
    this.#cgroup = mount === undefined ? undefined : `${mount}/${this.comm}`;
    if (this.#cgroup !== undefined) Deno.mkdirSync(this.#cgroup);
    const enter = this.#cgroup === undefined ? ":" : `echo $$ > ${this.#cgroup}/cgroup.procs`;
    const answer = 'while read -r line; do echo "$line" >&2; done';
    const script = `${enter} && printf ${this.comm} > /proc/$$/comm && ${answer}`;
    this.#child = new Child("sh", { args: ["-c", script], stdin: "piped" });
  }

  /** Waits until it has its name. */
  async ready(): Promise<void> {
    const file = `/proc/${this.#child.pid}/comm`;
    await until(`comm ${this.comm}`, () => Deno.readTextFileSync(file).trim() === this.comm);
  }

  /**
   * Has it read a line, byte by byte as shells do with a pipe, until it waits for the next byte.
   *
   * @param line different each time
   * @returns how many read calls have ended meanwhile
   */
  async read(line: string): Promise<number> {
    await this.#child.write(`${line}\n`);
    await this.#child.said(new RegExp(`^${line}$`));
    return line.length + 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
    const cgroup = this.#cgroup;
    if (cgroup === undefined) return;
    await removeCgroup(cgroup);
  }
}

Deno.test(
  needs(
    ["root"],
    "check and run agree on what this machine allows, and demo where that is nothing",
    async () => {
      await using target = new Target();
      await target.ready();
      const wrapper = EXPECTED.wrapper ?? [];

      const check = await ktm(["check", "--json", "--comm-prefix", target.comm], wrapper);
      const { verdict, findings }: { verdict: keyof typeof STATUS; findings: Finding[] } = JSON.parse(
        check.stdout,
      );
      const said = findings.map(({ name, level, detail }) => `${level} ${name}: ${detail}`).join("\n");
      assert.equal(verdict, EXPECTED.verdict ?? verdict, said);
      assert.match(said, new RegExp(EXPECTED.reason ?? "", "m"));

      await using agent = await startAgent(["--comm-prefix", target.comm], wrapper);
      assert.equal(await agent.value("ktm_status"), STATUS[verdict], agent.child.stderr);
      assert.equal((await agent.get("/healthz")).status, 200);
      if (verdict !== "cannot run") {
        // A call that began before the programs were attached is no sample.
        await target.read("a line");
        const before = await agent.reads();
        const calls = await target.read("another line");
        assert.equal(await agent.reads() - before, calls);
      }
      const errors = agent.child.stderr.split("\n").filter((line) => line.includes(" ERROR "));
      assert.equal(errors.length, verdict === "cannot run" ? 1 : 0, agent.child.stderr);
      agent.child.kill("SIGTERM");
      assert.equal((await agent.child.outcome()).code, 0);

      // Where it can run, that takes as long again as all of the above and shows no more.
      if (verdict !== "cannot run") return;
      const demo = await ktm(["demo", "--duration", "200ms"], wrapper);
      assert.equal(demo.code, 1, demo.stdout + demo.stderr);
    },
  ),
);
