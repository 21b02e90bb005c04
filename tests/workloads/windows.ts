/**
 * The runs that are kept: `windows/<scenario>-<run>.json`, with the release before the number
 * if it was in a guest.
 *
 * @module
 */
import { packDump, type PackedDump, unpackDump } from "./pack.ts";
import type { Recording } from "./recording.ts";

const FOLDER = new URL("windows/", import.meta.url);

/** A recording as it is in a file. */
type KeptRecording = Omit<Recording, "window"> & { readonly window: PackedDump };

function fileName({ scenario, run, guest }: Pick<Recording, "scenario" | "run" | "guest">): string {
  return guest === undefined ? `${scenario}-${run}.json` : `${scenario}-${guest}-${run}.json`;
}

/** Whether a run is kept. */
export function isKept(which: Pick<Recording, "scenario" | "run" | "guest">): boolean {
  try {
    return Deno.statSync(new URL(fileName(which), FOLDER)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Writes a run. */
export async function keep(recording: Recording): Promise<void> {
  const kept: KeptRecording = { ...recording, window: packDump(recording.window) };
  await Deno.writeTextFile(new URL(fileName(recording), FOLDER), `${JSON.stringify(kept)}\n`);
}

/** Reads all runs that are kept. */
export async function readKept(): Promise<Recording[]> {
  const names = (await Array.fromAsync(Deno.readDir(FOLDER))).map(({ name }) => name).sort();
  return await Promise.all(
    names.filter((name) => name.endsWith(".json")).map(async (name) => {
      const kept: KeptRecording = JSON.parse(await Deno.readTextFile(new URL(name, FOLDER)));
      return { ...kept, window: unpackDump(kept.window) };
    }),
  );
}
