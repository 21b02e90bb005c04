/** What a program is loaded for, where the kernel has to know it by then. @module */
import { ObjectError, type ProgramKind, type ProgramSpec } from "../../elf/mod.ts";
import { absenceHint } from "../attach/failure.ts";
import { type AttachPlace, type LoadTarget, whereAttached } from "../attach/link.ts";
import { unknownSection } from "./load_failure.ts";

/**
 * The kind of a program that says all that has to be known of it.
 *
 * @throws {ObjectError} if its section's name says no kind that can be loaded, or not what it attaches to
 */
export function loadableKind({ name, section, start, kind, target }: ProgramSpec): ProgramKind {
  if (kind === undefined) {
    throw new ObjectError(section, start, `${unknownSection(section)}; ${name} cannot be loaded`);
  }
  if (kind.target !== undefined && target === "") {
    throw new ObjectError(section, start, `${name} attaches to nothing; name it: ${kind.prefix}/NAME`);
  }
  return kind;
}

/**
 * What a program is loaded for.
 *
 * @param spec the program
 * @param kind its kind
 * @param place where it is going to be attached, as far as somebody says so
 * @param findTarget looks for what its section's name says in the kernel
 * @throws {TypeError} if the program does not attach to such a place
 * @throws {Error} if the kernel has nothing of that name
 */
export function loadTarget(
  { name, target }: ProgramSpec,
  kind: ProgramKind,
  place: AttachPlace | undefined,
  findTarget: () => LoadTarget,
): LoadTarget {
  const isTaken = place === undefined || place.takes(kind);
  if (!isTaken || (kind.attach === "program" && place === undefined)) {
    const where = place === undefined ? "" : ` for ${place.name}`;
    throw new TypeError(`Cannot load program ${name}${where}: ${whereAttached(kind)}`);
  }
  if (place?.loadTarget !== undefined) return place.loadTarget(name, target);
  if (kind.target === undefined) return { id: 0 };
  const found = findTarget();
  if (found.id !== 0) return found;
  throw new Error(
    `Cannot load program ${name}: this kernel has no ${kind.target.noun} ${target}${
      absenceHint(kind.target)
    }`,
  );
}
