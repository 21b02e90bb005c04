// The names that are looked for, and what has been found for each while blobs were opened.

import { spend } from "./budget";
import { Btf, Kind } from "./btf";
import { alloc } from "./memory";
import { isEnum, lengthOf, sameKind, withoutFlavour } from "./names";

/** A type that has a wanted name and kind. */
@unmanaged
export class Candidate {
  btf: usize;
  id: u32;
}

/** A name to be found, with the types of that name and kind. */
@unmanaged
export class Wanted {
  name: usize;
  length: u32;
  kind: u32;
  /** 1: the whole name counts and the very kind, not the name without flavour and the like kind. */
  exact: u32;
  /** Address of `count` candidates, with room for `capacity`. */
  candidates: usize;
  count: u32;
  capacity: u32;
  /** Address of the next entry of the same bucket, 0 at the end. */
  next: usize;
}

export function candidateAt(wanted: Wanted, position: u32): Candidate {
  return changetype<Candidate>(wanted.candidates + position * offsetof<Candidate>());
}

/** One bit for each hash of a name's first four bytes and a kind: nearly all names are ruled out by one look. */
const firstBytes = memory.data(65536 / 8, 8);

/** The bit of a name whose first four bytes, as a number with zeros after its end, are `bytes`. */
function firstBytesKey(bytes: u32, kind: u32): u32 {
  return (bytes ^ kind << 24) * 0x9e3779b1 >> 16;
}

const BUCKETS: u32 = 1024;
const buckets = memory.data(1024 * 4, 8);

/** FNV-1a of a name, as the address of its bucket. */
function bucketOf(name: usize, length: u32): usize {
  let hash: u32 = 0x811c9dc5;
  for (let at: u32 = 0; at < length; at++) hash = (hash ^ load<u8>(name + at)) * 0x01000193;
  spend(length);
  return buckets + ((hash ^ hash >> 16) & (BUCKETS - 1)) * 4;
}

/**
 * Registers a name; null if memory is exhausted.
 *
 * Each call makes an entry of its own, also for a name that is there: two flavours of one type have
 * the same name, and relocations strike off candidates for one and not for the other.
 */
export function want(name: usize, length: u32, kind: u32, exact: bool): Wanted | null {
  const address = alloc(offsetof<Wanted>());
  if (address == 0) return null;
  const entry = changetype<Wanted>(address);
  entry.name = name;
  entry.length = length;
  entry.kind = kind;
  entry.exact = u32(exact);
  const bucket = bucketOf(name, length);
  entry.next = load<u32>(bucket);
  store<u32>(bucket, address);
  let bytes: u32 = 0;
  for (let at: u32 = 0; at < min(length, 4); at++) bytes |= u32(load<u8>(name + at)) << at * 8;
  mark(bytes, kind);
  // A short name may be followed by a flavour.
  if (length < 4) mark(bytes | 0x5f5f5f5f << length * 8, kind);
  return entry;
}

function mark(bytes: u32, kind: u32): void {
  markKey(firstBytesKey(bytes, kind));
  if (!isEnum(kind)) return;
  markKey(firstBytesKey(bytes, Kind.ENUM));
  markKey(firstBytesKey(bytes, Kind.ENUM64));
}

function markKey(key: u32): void {
  const address = firstBytes + (key >> 3);
  store<u8>(address, load<u8>(address) | u8(1) << u8(key & 7));
}

/** Whether a type with this name may be wanted. */
export function mayBeWanted(name: usize, kind: u32): bool {
  let bytes = load<u32>(name);
  // The highest bit of each byte that is zero, of those after the first perhaps of others, too.
  const ends = bytes - 0x01010101 & ~bytes & 0x80808080;
  if (ends != 0) bytes &= (ends & -ends) - 1;
  const key = firstBytesKey(bytes, kind);
  return (load<u8>(firstBytes + (key >> 3)) >> u8(key & 7) & 1) != 0;
}

/** Adds a type to the candidates of whoever wants its name and kind; false: out of memory. */
export function offer(btf: Btf, id: u32, name: usize, kind: u32): bool {
  const length = lengthOf(name);
  const essential = withoutFlavour(name, length);
  if (essential == length) return offerName(btf, id, name, length, kind, true, true);
  return offerName(btf, id, name, essential, kind, false, true) &&
    offerName(btf, id, name, length, kind, true, false);
}

/** `whole` and `essential`: whether the length is that of the whole name, and that without flavour. */
function offerName(
  btf: Btf,
  id: u32,
  name: usize,
  length: u32,
  kind: u32,
  whole: bool,
  essential: bool,
): bool {
  for (let at: usize = load<u32>(bucketOf(name, length)); at != 0; at = changetype<Wanted>(at).next) {
    const entry = changetype<Wanted>(at);
    spend(1);
    const fits = entry.exact != 0 ? whole && entry.kind == kind : essential && sameKind(entry.kind, kind);
    if (!fits || entry.length != length || memory.compare(entry.name, name, length) != 0) continue;
    // Modules are for what the kernel itself does not have.
    if (btf.module != 0 && entry.count > 0 && isKernels(entry)) continue;
    if (!append(entry, btf, id)) return false;
  }
  return true;
}

function isKernels(entry: Wanted): bool {
  return changetype<Btf>(candidateAt(entry, 0).btf).module == 0;
}

/** A candidate costs memory, so it costs more of the budget than a comparison. */
const CANDIDATE_WORK: u32 = 64;

function append(entry: Wanted, btf: Btf, id: u32): bool {
  spend(CANDIDATE_WORK);
  if (entry.count == entry.capacity) {
    const capacity = entry.capacity * 2 + 4;
    const candidates = alloc(capacity * offsetof<Candidate>());
    if (candidates == 0) return false;
    memory.copy(candidates, entry.candidates, entry.count * offsetof<Candidate>());
    entry.candidates = candidates;
    entry.capacity = capacity;
  }
  const candidate = candidateAt(entry, entry.count);
  candidate.btf = changetype<usize>(btf);
  candidate.id = id;
  entry.count++;
  appended++;
  return true;
}

/** Candidates found so far: a module that adds none need not be kept. */
export let appended: u32 = 0;

/** Takes back the candidates of the blob that was opened last, which turned out to be malformed. */
export function forget(btf: Btf): void {
  for (let bucket = buckets; bucket < buckets + BUCKETS * 4; bucket += 4) {
    for (let at: usize = load<u32>(bucket); at != 0; at = changetype<Wanted>(at).next) {
      const entry = changetype<Wanted>(at);
      while (entry.count > 0 && candidateAt(entry, entry.count - 1).btf == changetype<usize>(btf)) {
        entry.count--;
      }
    }
  }
}
