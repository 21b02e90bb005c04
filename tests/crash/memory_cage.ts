/** A memory limit for a process that runs already. @module */
import { mountsOfType } from "../../src/syscall/mod.ts";
import { CgroupTree } from "./cgroup_tree.ts";

/** Enough for a target that does nothing, and little to fill. */
export const CAGE_BYTES = 16 << 20;

function memoryMount(): string | undefined {
  return mountsOfType("cgroup").map(({ mountPoint }) => mountPoint).find((path) => path.endsWith("/memory"));
}

/** A cgroup with a limit, of cgroup v1; where that has no memory controller, whoever starts the target sets one. */
export class MemoryCage implements AsyncDisposable {
  readonly #tree: CgroupTree | undefined;

  constructor(name: string, bytes: number = CAGE_BYTES) {
    const mount = memoryMount();
    if (mount === undefined) return;
    this.#tree = new CgroupTree(`${mount}/ktm-cage-${name}`);
    Deno.writeTextFileSync(`${this.#tree.path}/memory.limit_in_bytes`, String(bytes));
  }

  /** Where a process enters; undefined if it need not. */
  get procs(): string | undefined {
    return this.#tree && `${this.#tree.path}/cgroup.procs`;
  }

  /** Lets a process have no more than the limit from now on. */
  close(pid: number): void {
    if (this.procs !== undefined) Deno.writeTextFileSync(this.procs, String(pid));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tree?.[Symbol.asyncDispose]();
  }
}
