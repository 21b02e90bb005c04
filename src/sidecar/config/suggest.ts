/** Guessing which word was meant. @module */

/** The Levenshtein distance: insertions, deletions and replacements that turn one word into the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}

/**
 * A hint to add to a message about an unknown word.
 *
 * @param word what was written
 * @param candidates what could have been meant
 * @returns ` (did you mean X?)` with the nearest candidate, or nothing if none is near
 */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const ranked = candidates
    .map((candidate) => ({ candidate, away: distance(word, candidate) }))
    .sort((a, b) => a.away - b.away);
  const [best] = ranked;
  return best !== undefined && best.away <= Math.ceil(word.length / 3)
    ? ` (did you mean ${best.candidate}?)`
    : "";
}
