/** The log of the kernel's BTF checker, turned into what a person needs to know. Pure. @module */
import { type Btf, BtfKind } from "../../elf/mod.ts";

/**
 * How a line describes what is looked at: a type, a member or parameter of one, or a variable in a data section
 * (`btf_verifier_log_type()` and the like, and the `log_details` of each kind: kernel/bpf/btf.c). What comes after
 * is the reason; the same line without a reason only says that the checker has come by.
 */
const PLACES: readonly RegExp[] = [
  /^\[(?<id>\d+)\] [A-Z_0-9]+ \S+(?: (?:struct|union)(?= |$)| return=\d+ args=\(.*?\)| [\w]+=(?:\(none\)|\S+))*/,
  /^\t ?type_id=(?<variable>\d+) offset=\d+ size=\d+/,
  /^\t\S+ type_id=\d+(?: bitfield_size=\d+)? bits_offset=\d+/,
  /^\t\S+ val=\S+/,
];

/** How much of a log is looked at: it has a line for every type, and the reason is at its end. */
const END_LENGTH = 1 << 16;

const NOUNS: Readonly<Record<number, string>> = {
  [BtfKind.STRUCT]: "struct ",
  [BtfKind.UNION]: "union ",
  [BtfKind.ENUM]: "enum ",
  [BtfKind.ENUM64]: "enum ",
  [BtfKind.FUNC]: "function ",
  [BtfKind.VAR]: "variable ",
  [BtfKind.DATASEC]: "section ",
};

/** What people call a type; its number if it has no name. */
function nameOfType({ types }: Btf, id: number): string {
  const type = types[id];
  return type === undefined || type.name === "" ? `type ${id}` : `${NOUNS[type.kind] ?? "type "}${type.name}`;
}

/**
 * Finds out why the kernel refuses BTF.
 *
 * @param log the log's text, which may be empty or cut off
 * @param btf what the kernel was given, or has the same ids and names
 * @returns the reason after the type or variable that it is about; undefined if the log says nothing
 */
export function findBtfReason(log: string, btf: Btf): string | undefined {
  // What a full buffer has cut off is no reason.
  const lines = log.slice(-END_LENGTH).split("\n").slice(0, -1).filter((line) => line.trim() !== "");
  const line = lines.at(-1);
  if (line === undefined) return undefined;
  const place = PLACES.map((pattern) => pattern.exec(line)).find((match) => match !== null);
  if (place === undefined || place === null) return line.trim();
  const reason = line.slice(place[0].length).trim();
  if (reason === "") return undefined;
  // A member has no number of its own: it belongs to the last type before it.
  const owner = lines.findLast((line) => line.startsWith("["))?.match(/^\[(\d+)\]/)?.[1];
  const id = place.groups?.id ?? place.groups?.variable ?? owner;
  return id === undefined ? reason : `${nameOfType(btf, Number(id))}: ${reason}`;
}
