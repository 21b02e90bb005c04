/** What libbpf asks of the kernel for an object. @module */
import { output } from "../support/child.ts";
import { type ObjectRecord, readRecord, Refusal } from "./records.ts";

/** `tests/oracle/oracle.c`, compiled. */
export class LibbpfOracle {
  readonly #program: string;

  /** @param program path of the program */
  constructor(program: string) {
    this.#program = program;
  }

  /**
   * Has libbpf load an object.
   *
   * @param object path of the object
   * @param btfFolder folder of the target's BTF
   * @param newestKind the newest kind of BTF types that the kernel knows
   */
  async record(object: string, btfFolder: string, newestKind: number): Promise<ObjectRecord | Refusal> {
    const { code, stdout, stderr } = await output(this.#program, object, btfFolder, String(newestKind));
    if (code === 1) return new Refusal(stderr.trim());
    if (code !== 0) throw new Error(`Cannot ask libbpf about ${object}: status ${code}: ${stderr}`);
    return readRecord(stdout);
  }
}
