/**
 * Archives for the kernel's first file system: cpio in the format "newc".
 *
 * @see https://docs.kernel.org/driver-api/early-userspace/buffer-format.html
 * @module
 */

/** File types of `st_mode`, `include/uapi/linux/stat.h`. */
const FileType = { REGULAR: 0o100000, DIRECTORY: 0o040000, LINK: 0o120000, CHARACTER: 0o020000 } as const;

/** Something in an archive, by its path from the root without the first slash. */
export type Entry =
  | { readonly kind: "file"; readonly path: string; readonly data: Uint8Array; readonly executable?: boolean }
  | { readonly kind: "copy"; readonly path: string; readonly source: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "device"; readonly path: string; readonly major: number; readonly minor: number };

/** The fields of a header that are not always 0. */
interface Header {
  readonly mode: number;
  readonly path: string;
  readonly size?: number;
  readonly major?: number;
  readonly minor?: number;
}

const MAGIC = "070701";
const TRAILER = "TRAILER!!!";
const ALIGNMENT = 4;

const encoder = new TextEncoder();

function padding(length: number): Uint8Array {
  return new Uint8Array((ALIGNMENT - length % ALIGNMENT) % ALIGNMENT);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

function encodeHeader({ mode, path, size = 0, major = 0, minor = 0 }: Header): Uint8Array {
  const name = encoder.encode(`${path}\0`);
  // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
  const fields = [0, mode, 0, 0, 1, 0, size, 0, 0, major, minor, name.length, 0];
  const text = MAGIC + fields.map((field) => field.toString(16).padStart(8, "0")).join("");
  const bytes = encoder.encode(text);
  return concatenate([bytes, name, padding(bytes.length + name.length)]);
}

function encode(path: string, mode: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatenate([encodeHeader({ mode, path, size: data.length }), data, padding(data.length)]);
}

async function encodeEntry(entry: Entry): Promise<Uint8Array<ArrayBuffer>> {
  const { path } = entry;
  switch (entry.kind) {
    case "file":
      return encode(path, FileType.REGULAR | (entry.executable ? 0o755 : 0o644), entry.data);
    case "copy": {
      const [data, { mode }] = await Promise.all([Deno.readFile(entry.source), Deno.stat(entry.source)]);
      return encode(path, FileType.REGULAR | ((mode ?? 0o644) & 0o777), data);
    }
    case "link":
      return encode(path, FileType.LINK | 0o777, encoder.encode(entry.target));
    case "folder":
      return encode(path, FileType.DIRECTORY | 0o755, new Uint8Array());
    case "device": {
      const { major, minor } = entry;
      return concatenate([encodeHeader({ mode: FileType.CHARACTER | 0o600, path, major, minor })]);
    }
  }
}

/** The folders above a path, outermost first. */
function parents(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** Puts before each entry the folders above it that have not been named yet. */
function* withParents(entries: readonly Entry[]): Generator<Entry> {
  const known = new Set(
    entries.filter(({ kind }) => kind === "link" || kind === "folder").map(({ path }) => path),
  );
  const made = new Set<string>();
  for (const entry of entries) {
    for (const path of parents(entry.path)) {
      if (made.has(path) || known.has(path)) continue;
      made.add(path);
      yield { kind: "folder", path };
    }
    yield entry;
  }
}

/**
 * Encodes an archive, piece by piece. Folders above an entry are added.
 *
 * @param entries what is in it; a link that others lie below comes first
 */
export async function* encodeCpio(entries: readonly Entry[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const entry of withParents(entries)) yield await encodeEntry(entry);
  yield concatenate([encodeHeader({ mode: 0, path: TRAILER })]);
}

/** Writes an archive into a file. */
export async function writeCpio(file: string, entries: readonly Entry[]): Promise<void> {
  using output = await Deno.open(file, { write: true, create: true, truncate: true });
  const writer = output.writable.getWriter();
  for await (const bytes of encodeCpio(entries)) await writer.write(bytes);
  await writer.close();
}
