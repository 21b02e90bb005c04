/** How much a YAML document means, which by its aliases can be far more than it says. Pure. @module */

/** Levels of nesting; the configuration has four. */
const MOST_LEVELS = 32;

/** What is left to spend on a document. */
interface Budget {
  left: number;
}

type Problem = "nested" | "large" | undefined;

/** Spends on a value what it would take written out, and stops as soon as that is too much. */
function spend(value: unknown, budget: Budget, level: number): Problem {
  budget.left -= typeof value === "string" ? value.length + 1 : 1;
  if (budget.left < 0) return "large";
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return undefined;
  if (level > MOST_LEVELS) return "nested";
  if (Array.isArray(value)) return spendAll(value, budget, level);
  if (value instanceof Map || value instanceof Set) return spendAll([...value], budget, level);
  for (const key in value) {
    const problem = spend(key, budget, level) ??
      spend((value as Record<string, unknown>)[key], budget, level + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function spendAll(values: readonly unknown[], budget: Budget, level: number): Problem {
  for (const value of values) {
    const problem = spend(value, budget, level + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * What is wrong with the size of a document, each alias counted as what it stands for.
 *
 * A parser shares what an alias names, so that ten lines can mean a billion values. Nothing may walk over them,
 * neither a schema nor a message.
 *
 * @param tree what the parser has made, with cycles if an alias names what it is in
 * @param most characters of texts and keys, and values
 */
export function sizeProblem(tree: unknown, most: number): string | undefined {
  switch (spend(tree, { left: most }, 0)) {
    case "large":
      return `its aliases make more than ${most} values and characters of it`;
    case "nested":
      return `it is nested more than ${MOST_LEVELS} levels deep, or holds itself`;
    case undefined:
      return undefined;
  }
}
