/**
 * The agent without its loop: for each byte on standard input it collects a number of times, and prints the
 * microseconds of processor time that one collection took.
 *
 * @module
 */
import process from "node:process";
import { configFrom } from "../../src/sidecar/config/config.ts";
import { createHost } from "../../src/sidecar/host.ts";

const COLLECTIONS = 50;

const [commPrefix = "", warmUp] = Deno.args;
const prefix = { flag: "--comm-prefix", path: "collector.ebpf.comm_prefix", value: commPrefix };
const host = createHost(configFrom(undefined, [prefix]));

async function collect(times: number): Promise<number> {
  const before = process.cpuUsage();
  for (let count = 0; count < times; count++) await host.collector.collectNow();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

await host.collector.start();
await collect(Number(warmUp));
const input = new Uint8Array(1);
while (Deno.stdin.readSync(input) !== null) console.log(await collect(COLLECTIONS));
await host.collector.stop();
