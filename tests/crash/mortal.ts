/** The program `mortal.c` under a target's name, and its ledger. @module */
import { compileStatic } from "../support/compile.ts";
import type { Stage } from "../support/stage.ts";
import { Ledger } from "./ledger.ts";

/** A program that can be started any number of times. */
export interface Mortal {
  /** Its path, whose last part is its comm. */
  readonly program: string;
  readonly ledger: Ledger;
}

/**
 * Compiles it.
 *
 * @param stage whose prefix is its comm
 * @param undo closes the ledger
 * @param name the comm
 */
export async function makeMortal(stage: Stage, undo: DisposableStack, name = stage.prefix): Promise<Mortal> {
  const compiled = `${stage.directory}/mortal`;
  await compileStatic("tests/crash/mortal.c", compiled);
  return {
    program: stage.copy(compiled, name),
    ledger: undo.use(new Ledger(`${stage.directory}/${name}.ledger`)),
  };
}
