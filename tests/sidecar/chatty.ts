/**
 * A program that logs a number of lines, then one more after each line that it reads, and says how many lines found
 * no room.
 *
 * @module
 */
import { configureLogging, droppedLogLines, endLog, log } from "../../src/sidecar/log/log.ts";

const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

configureLogging({ level: "debug", format: "text" });
const [count] = Deno.args;
for (let line = 1; line <= Number(count); line++) log.debug("line", { line });
say(`dropped ${droppedLogLines()}`);
for await (const _ of Deno.stdin.readable) {
  log.debug("asked");
  say(`dropped ${droppedLogLines()}`);
}
await endLog();
