/** A target that is a unit of a systemd of its own. @module */
import type { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { Machine, type MachineOptions, STAGE_FOLDER } from "./machine.ts";
import { CAGE_BYTES, MemoryCage } from "./memory_cage.ts";
import { makeMortal, type Mortal } from "./mortal.ts";

const UNIT = "banyandb-test.service";

/** What systemd does when the target has died. */
export type Restart = "no" | "always";

function unitFile(program: string, ledger: string, restart: Restart): string {
  return [
    "[Unit]",
    "StartLimitIntervalSec=0",
    "[Service]",
    `ExecStart=${program} ${ledger}`,
    `Restart=${restart}`,
    "RestartSec=100ms",
    `MemoryMax=${CAGE_BYTES}`,
    "LimitCORE=0",
    "",
  ].join("\n");
}

/** A unit whose process can be started again and again; disposing it ends the machine. */
export class Unit implements AsyncDisposable {
  readonly mortal: Mortal;
  readonly machine: Machine;
  readonly #cage: MemoryCage;
  readonly #restart: Restart;
  readonly #owned: AsyncDisposableStack;

  /**
   * Starts a machine with the unit, which is not started.
   *
   * @param more what else the machine has
   */
  static async make(
    stage: Stage,
    restart: Restart,
    more: Partial<MachineOptions> = {},
  ): Promise<Unit> {
    await using owned = new AsyncDisposableStack();
    const mortal = owned.use(await makeMortal(stage));
    const cage = owned.use(new MemoryCage(stage.prefix));
    const inMachine = (path: string) => path.replace(stage.directory, STAGE_FOLDER);
    const text = unitFile(inMachine(mortal.program), inMachine(mortal.ledger.path), restart);
    const machine = owned.use(
      await Machine.start(stage, { ...more, units: { ...more.units, [UNIT]: text } }),
    );
    return new Unit(mortal, machine, cage, restart, owned.move());
  }

  private constructor(
    mortal: Mortal,
    machine: Machine,
    cage: MemoryCage,
    restart: Restart,
    owned: AsyncDisposableStack,
  ) {
    this.mortal = mortal;
    this.machine = machine;
    this.#cage = cage;
    this.#restart = restart;
    this.#owned = owned;
  }

  /** Waits for the next process, and starts it if systemd does not; its memory is limited. */
  async next(): Promise<number> {
    const { ledger } = this.mortal;
    const isFirst = ledger.lives === 0;
    if (isFirst || this.#restart === "no") await this.machine.systemctl("start", UNIT);
    const pid = await until("process of the unit", () => this.machine.processesOf(UNIT)[0]);
    await ledger.untilBegun(pid);
    this.#cage.close(pid);
    return pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }
}
