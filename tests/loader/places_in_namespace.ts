/**
 * Has a program count datagrams in a network namespace of its own, as a program of its own: attaches it to a place, has
 * some sent before, while and after it is attached, and prints how many it counted, or the error.
 *
 *     places_in_namespace.ts OBJECT PROGRAM PLACE
 *
 * @module
 */
import { type AttachPlace, BpfObject, toInterface, toNetfilter, toNetworkNamespace } from "../../src/mod.ts";
import { output } from "../support/child.ts";
import { sendOverLoopback } from "./udp_loopback.ts";

/** Datagrams that are sent before a program is attached, while it is, and afterwards. */
export const [BEFORE, MEANWHILE, AFTER] = [3, 20, 5];

const PLACES = {
  loopback: () => toInterface("lo"),
  nowhere: () => toInterface("no_such_if"),
  namespace: () => toNetworkNamespace("/proc/self/ns/net"),
  file: () => toNetworkNamespace("/proc/self/comm"),
  input: () => toNetfilter({ family: "ipv4", hook: "input", priority: -128 }),
} as const satisfies Record<string, () => AttachPlace>;

/** A place, by what the program is told. */
export type PlaceName = keyof typeof PLACES;

async function count(path: string, program: string, place: PlaceName): Promise<number | string> {
  using object = new BpfObject(await Deno.readFile(path));
  await sendOverLoopback(BEFORE);
  object.attach(program, PLACES[place]());
  await sendOverLoopback(MEANWHILE);
  const counted = Number(object.variable("count").get());
  object.unload(program);
  await sendOverLoopback(AFTER);
  if (Number(object.variable("count").get()) !== counted) return "it goes on counting";
  return counted;
}

if (import.meta.main) {
  const [path, program, place] = Deno.args;
  const { stderr } = await output("ip", "link", "set", "lo", "up");
  if (stderr !== "") throw new Error(`Cannot go on: ip: ${stderr}`);
  const result = await count(path!, program!, place as PlaceName)
    .catch((error) => error instanceof Error ? error.message : String(error));
  console.log(JSON.stringify(result));
}
