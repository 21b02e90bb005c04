/** A cgroup in which others make more of them. @module */
import { removeCgroup } from "../support/kernel/cgroup.ts";

/** A cgroup; disposing it removes it with all that are below it, once their processes have ended. */
export class CgroupTree implements AsyncDisposable {
  readonly path: string;

  constructor(path: string) {
    Deno.mkdirSync(path);
    this.path = path;
  }

  async #remove(path: string): Promise<void> {
    for (const { name, isDirectory } of Deno.readDirSync(path)) {
      if (isDirectory) await this.#remove(`${path}/${name}`);
    }
    await removeCgroup(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remove(this.path);
  }
}
