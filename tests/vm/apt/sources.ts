/** APT's lists of sources in both formats, sources.list(5). @module */

/** One archive as a machine's configuration names it. */
export interface Source {
  /** `deb` or `deb-src`. */
  readonly types: readonly string[];
  /** Where the archive is. */
  readonly uris: readonly string[];
  /** `bookworm`, `stable`, `bookworm-updates` and so on. */
  readonly suites: readonly string[];
  /** `main` and so on. */
  readonly components: readonly string[];
  /** Keys that may sign it, as configured: file names, fingerprints or a whole key; undefined for all that the machine trusts. */
  readonly signedBy: string | undefined;
}

const ONE_LINE = /^(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$/;

function words(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}

function parseLine(line: string): Source[] {
  const match = ONE_LINE.exec(line.replace(/#.*/, "").trim());
  if (match === null) return [];
  const [, type = "", options, uri = "", suite = "", components] = match;
  const signedBy = words(options).find((option) => option.startsWith("signed-by="))?.slice(
    "signed-by=".length,
  );
  return [{ types: [type], uris: [uri], suites: [suite], components: words(components), signedBy }];
}

/** Reads the one-line format, a file that ends in `.list`. */
export function parseOneLineSources(text: string): Source[] {
  return text.split("\n").flatMap(parseLine);
}

/** Fields of a paragraph, by their names in small letters; a value keeps its further lines as they stand. */
function parseFields(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  let name = "";
  for (const line of lines) {
    const match = /^([^\s:]+):\s*(.*)$/.exec(line);
    if (match !== null) name = match[1]!.toLowerCase();
    fields.set(name, match === null ? `${fields.get(name) ?? ""}\n${line}` : match[2]!);
  }
  return fields;
}

/** Reads the format of paragraphs, a file that ends in `.sources`; leaves out what is not enabled. */
export function parseDeb822Sources(text: string): Source[] {
  const paragraphs = text.split("\n").filter((line) => !line.startsWith("#")).join("\n").split(/\n[ \t]*\n/);
  return paragraphs
    .map((paragraph) => parseFields(paragraph.split("\n").filter((line) => line.trim() !== "")))
    .filter((fields) =>
      fields.size > 0 && !/^(no|false|0|off|without|disable)$/i.test(fields.get("enabled") ?? "")
    )
    .map((fields) => ({
      types: words(fields.get("types")),
      uris: words(fields.get("uris")),
      suites: words(fields.get("suites")),
      components: words(fields.get("components")),
      signedBy: fields.get("signed-by"),
    }));
}

/** Writes sources in the format of paragraphs. */
export function formatDeb822Sources(sources: readonly Source[]): string {
  return sources.map(({ types, uris, suites, components, signedBy }) =>
    [
      `Types: ${types.join(" ")}`,
      `URIs: ${uris.join(" ")}`,
      `Suites: ${suites.join(" ")}`,
      `Components: ${components.join(" ")}`,
      ...(signedBy === undefined ? [] : [`Signed-By: ${signedBy}`]),
    ].map((line) => `${line}\n`).join("")
  ).join("\n");
}
