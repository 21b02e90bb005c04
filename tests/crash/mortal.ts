/** The program `mortal.c` under a target's name, and its ledger. @module */
import { compileStatic } from "../support/compile.ts";
import type { Stage } from "../support/stage.ts";
import { Ledger } from "./ledger.ts";

/** A program that can be started any number of times; disposing it closes its ledger. */
export interface Mortal extends Disposable {
  /** Its path, whose last part is its comm. */
  readonly program: string;
  readonly ledger: Ledger;
}

/**
 * Compiles it.
 *
 * @param stage whose prefix is its comm
 * @param restMs between two calls
 */
export async function makeMortal(stage: Stage, { restMs = 1 } = {}): Promise<Mortal> {
  const compiled = `${stage.directory}/mortal`;
  await compileStatic("tests/crash/mortal.c", compiled);
  const ledger = new Ledger(`${stage.directory}/ledger`, restMs);
  return {
    program: stage.copy(compiled, stage.prefix),
    ledger,
    [Symbol.dispose]: () => ledger[Symbol.dispose](),
  };
}
