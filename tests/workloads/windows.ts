/** The runs that are kept: `windows/<scenario>-<run>.json`. @module */
import { packDump, type PackedDump, unpackDump } from "./pack.ts";
import type { Recording } from "./recording.ts";

const FOLDER = new URL("windows/", import.meta.url);

/** A recording as it is in a file. */
type KeptRecording = Omit<Recording, "window"> & { readonly window: PackedDump };

/** The files of the runs that are kept, by `scenario:run`. */
export function keptRuns(): Map<string, URL> {
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
  return new Map(names.flatMap((name) => {
    const [, scenario, run] = /^(.*)-(\d+)\.json$/.exec(name) ?? [];
    return scenario === undefined ? [] : [[`${scenario}:${run}`, new URL(name, FOLDER)] as const];
  }));
}

/** Writes a run. */
export async function keep(recording: Recording): Promise<void> {
  const kept: KeptRecording = { ...recording, window: packDump(recording.window) };
  const url = new URL(`${recording.scenario}-${recording.run}.json`, FOLDER);
  await Deno.writeTextFile(url, `${JSON.stringify(kept)}\n`);
}

async function read(url: URL): Promise<Recording> {
  const kept: KeptRecording = JSON.parse(await Deno.readTextFile(url));
  return { ...kept, window: unpackDump(kept.window) };
}

/** Reads all runs that are kept. */
export async function readKept(): Promise<Recording[]> {
  return await Promise.all(keptRuns().values().map(read));
}
