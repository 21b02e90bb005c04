/** The part of `@std/yaml/parse` that this project uses. @module */
import { boolCoreTag, loadAll, nullCoreTag, YAML11_SCHEMA, YAMLException } from "js-yaml";

/**
 * What the original calls its default schema: numbers and dates of YAML 1.1, booleans of YAML 1.2, so that
 * `yes` and `off` stay text.
 */
const SCHEMA = YAML11_SCHEMA.withTags(boolCoreTag, nullCoreTag);

/** The original's error: a SyntaxError that tells line and column, then shows the place. */
function syntaxError(error: YAMLException): SyntaxError {
  const mark = error.mark;
  if (!mark) return new SyntaxError(error.reason);
  const where = `at line ${mark.line + 1}, column ${mark.column + 1}`;
  return new SyntaxError(`${error.reason} ${where}:\n${mark.snippet}`);
}

function loadDocuments(content: string): unknown[] {
  try {
    return loadAll(content, { schema: SCHEMA });
  } catch (error) {
    throw error instanceof YAMLException ? syntaxError(error) : error;
  }
}

/**
 * Reads one YAML document.
 *
 * @param content the text; empty text and text that holds only comments give null
 * @returns what the document says: plain objects, arrays, texts, numbers, booleans, dates, null
 * @throws {SyntaxError} if the text is not YAML, holds a key twice, or holds more than one document
 */
export function parse(content: string): unknown {
  const documents = loadDocuments(content);
  if (documents.length > 1) {
    throw new SyntaxError("Found more than 1 document in the stream: expected a single document");
  }
  return documents[0] ?? null;
}
