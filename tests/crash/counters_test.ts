/**
 * Counters that are scraped while the target, the configuration and the clock change.
 *
 * KTM_SCRAPES makes it longer.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Agent } from "../support/agent.ts";
import type { Child } from "../support/child.ts";
import { startKtm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { ENDLESSLY } from "./ledger.ts";
import { countersIn, decreases } from "./monotony.ts";
import { makeMortal } from "./mortal.ts";
import { signOf, untilWatched } from "./recording.ts";
import { ShiftedClock } from "./shifted_clock.ts";

const SCRAPES = Number(Deno.env.get("KTM_SCRAPES") ?? 500);

/** Scrapes from one change to the next. */
const CHANGE_EVERY = 20;

const HOUR_S = 3600;

/** What a configuration says in turn of how, and of whom. */
const FORMATS = ["text", "json"];
const INTERVALS = ["5ms", "20ms"];
const FALLBACKS = ["when-unset", "never"];

function turn<T>(values: readonly T[], count: number): T {
  return values[count % values.length]!;
}

Deno.test(needs(
  [...LIVE_KERNEL, "cc"],
  "no counter goes back in a life while target, configuration and clock change",
  async () => {
    await using stage = new Stage();
    const clock = await ShiftedClock.make(stage);
    using mortal = await makeMortal(stage);
    const { program, ledger } = mortal;
    ledger.allowEveryLife(ENDLESSLY);
    const config = `${stage.directory}/ktm.yaml`;
    const told = { format: 0, interval: 0, fallback: 0 };
    const configure = () => {
      const scope = `comm_prefix: ${stage.prefix}, comm_fallback: ${turn(FALLBACKS, told.fallback)}`;
      Deno.writeTextFileSync(
        config,
        `collector: {interval: ${turn(INTERVALS, told.interval)}, ebpf: {${scope}}}\n` +
          // Where debug lines are wanted no line is held back because there are many of its kind.
          `exporter: {listen: "127.0.0.1:0"}\nlog: {level: debug, format: ${turn(FORMATS, told.format)}}\n`,
      );
    };
    configure();
    const child = stage.track(startKtm(["run", "--config", config], clock.wrapper));
    const [, address] = await child.said(/Listening address=(\S+)/);
    const agent = new Agent(child, address!);
    const scrape = async () => countersIn((await agent.get("/metrics")).text);

    let containers = 0;
    let container = stage.makeCgroup(`-${containers}`);
    let target: Child;
    const start = () => target = stage.start(program, [ledger.path], container);
    const end = async () => {
      target.kill("SIGKILL");
      await target.outcome();
    };
    const reload = async (key: keyof typeof told) => {
      told[key]++;
      configure();
      const count = agent.child.stderr.match(/Reloaded the configuration/g)?.length ?? 0;
      agent.child.kill("SIGHUP");
      await agent.child.said(/Reloaded the configuration/, count + 1);
    };

    /** What changes in turn; after some of it counters start from zero, when the target is watched again. */
    const changes: readonly { readonly what: string; readonly isNew?: true; readonly make: () => unknown }[] =
      [
        { what: "the log's format", make: () => reload("format") },
        { what: "the clock, an hour ahead", make: () => clock.step(HOUR_S) },
        { what: "the interval", make: () => reload("interval") },
        { what: "the process, in its container", make: async () => (await end(), start()) },
        { what: "the clock, back", make: () => clock.step(0) },
        {
          what: "the container",
          isNew: true,
          make: async () => {
            await end();
            await stage.removeCgroup(container);
            container = stage.makeCgroup(`-${++containers}`);
            start();
          },
        },
        { what: "the rule by which processes are watched", isNew: true, make: () => reload("fallback") },
      ];

    start();
    await untilWatched(agent, signOf(target!.pid));
    let before = await scrape();
    let [scrapes, made] = [0, 0];
    while (scrapes < SCRAPES) {
      const { what, isNew, make } = turn(changes, made++);
      const change = (async () => void await make())();
      if (isNew) {
        await change;
        await untilWatched(agent, signOf(target!.pid));
        before = await scrape();
      }
      for (let count = 0; count < CHANGE_EVERY; count++, scrapes++) {
        const after = await scrape();
        assert.deepEqual(decreases(before, after), [], `scrape ${scrapes}, after a change of ${what}`);
        before = after;
      }
      await change;
      await until("sign of the target", async () => (await agent.get("/readyz")).status === 200);
    }
    console.log(`${scrapes} scrapes, ${made} changes, ${ledger.lives} lives`);
  },
));
