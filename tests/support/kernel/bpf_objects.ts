/** Programs, maps and links that a process holds, by their ids in the kernel. @module */
import { output } from "../child.ts";
import { until } from "../until.ts";

const KINDS = ["prog", "map", "link"] as const;

/** Ids by kind. */
export type BpfIds = Readonly<Record<typeof KINDS[number], ReadonlySet<number>>>;

/** What the kernel tells of each open file of a process. */
function descriptions(pid: number): string[] {
  return [...Deno.readDirSync(`/proc/${pid}/fdinfo`)].flatMap(({ name }) => {
    try {
      return [Deno.readTextFileSync(`/proc/${pid}/fdinfo/${name}`)];
    } catch (error) {
      // Closed since the directory was read.
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}

/** What a process holds. */
export function heldBy(pid: number): BpfIds {
  const held = { prog: new Set<number>(), map: new Set<number>(), link: new Set<number>() };
  for (const text of descriptions(pid)) {
    for (const kind of KINDS) {
      const id = new RegExp(`^${kind}_id:\\s*(\\d+)$`, "m").exec(text)?.[1];
      // A link shows the id of its program as well.
      if (id !== undefined && (kind !== "prog" || !/^link_id:/m.test(text))) held[kind].add(Number(id));
    }
  }
  return held;
}

/** How many programs of a process the kernel runs by itself: an iterator runs only when it is read. */
export function attachedBy(pid: number): number {
  return descriptions(pid).filter((text) => /^link_type:/m.test(text) && !/^link_type:\s*iter$/m.test(text))
    .length;
}

/** What is still there, as bpftool lists it. */
async function alive(kind: typeof KINDS[number]): Promise<Set<number>> {
  const { code, stdout, stderr } = await output("bpftool", "--json", kind, "list");
  if (code !== 0) throw new Error(`Cannot list ${kind}s: ${stderr}`);
  return new Set((JSON.parse(stdout) as { id: number }[]).map(({ id }) => id));
}

/** Waits until none of them is in the kernel, which frees them some time after their last descriptor. */
export async function untilFreed(ids: BpfIds): Promise<void> {
  for (const kind of KINDS) {
    await until(
      `end of every ${kind} of ${[...ids[kind]]}`,
      async () => ids[kind].isDisjointFrom(await alive(kind)),
    );
  }
}
