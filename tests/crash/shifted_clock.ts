/** A wall clock that is set while an agent runs, and that of the machine stays as it is. @module */
import { compileShared } from "../support/compile.ts";
import type { Stage } from "../support/stage.ts";

/** The wall clock of an agent, as seconds that it is ahead of the machine's. */
export class ShiftedClock {
  readonly #path: string;
  /** A program with its arguments that starts what follows it with this clock. */
  readonly wrapper: readonly string[];

  /** Makes one that tells the machine's time. */
  static async make(stage: Stage): Promise<ShiftedClock> {
    const library = `${stage.directory}/shifted_clock.so`;
    await compileShared("tests/crash/shifted_clock.c", library);
    return new ShiftedClock(library, `${stage.directory}/shift`);
  }

  private constructor(library: string, path: string) {
    this.#path = path;
    this.wrapper = ["env", `KTM_CLOCK_SHIFT=${path}`, `LD_PRELOAD=${library}`];
    this.step(0);
  }

  /** Sets it so far ahead of the machine's; the file's place in memory stays the same. */
  step(seconds: number): void {
    using file = Deno.openSync(this.#path, { write: true, create: true });
    file.writeSync(new Uint8Array(BigInt64Array.of(BigInt(seconds)).buffer));
  }
}
