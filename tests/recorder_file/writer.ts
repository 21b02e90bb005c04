/** Writes rows into a recorder file until it is killed, and says so of each after it is written. */
import { openRecorderFile } from "../../src/recorder/file/mod.ts";
import { rowOf, SILENT } from "./rows.ts";

const [path, first, life] = Deno.args;
const encoder = new TextEncoder();
const { log } = openRecorderFile(path!, { bytes: 1024 * 1024, report: SILENT });
const { timeMs, monotonicMs } = rowOf(Number(first));
log.lifeBegins({ number: Number(life), target: { comm: "db" }, begin: { timeMs, monotonicMs } }, ["io"]);
for (let number = Number(first);; number++) {
  log.row(rowOf(number));
  Deno.stderr.writeSync(encoder.encode(`${number}\n`));
}
