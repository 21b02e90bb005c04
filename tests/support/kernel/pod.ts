/** A PID namespace that several processes share, as the containers of a pod do. @module */
import { stat } from "../../../src/syscall/mod.ts";
import type { Stage } from "../stage.ts";
import { until } from "../until.ts";

function linkOf(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    // Not made yet.
    return undefined;
  }
}

/** By its path: the shell of a guest would prefer its own program of the same name, which can do less. */
const UNSHARE = "/usr/bin/unshare";

/** A PID namespace; it ends with the stage, and all processes with it. */
export class Pod {
  /** The namespace's file. */
  readonly #file: string;

  /** Starts one, with a process that only sleeps as its first. */
  static async start(stage: Stage): Promise<Pod> {
    const args = ["--pid", "--fork", "--kill-child", "sleep", "1000"];
    const { pid } = stage.start(UNSHARE, args, stage.makeCgroup("-pause"));
    const file = `/proc/${pid}/ns/pid_for_children`;
    const own = Deno.readLinkSync("/proc/self/ns/pid");
    await until("PID namespace", () => (linkOf(file) ?? own) !== own);
    return new Pod(file);
  }

  private constructor(file: string) {
    this.#file = file;
  }

  /** Where a container runtime finds the namespace. */
  get path(): string {
    return this.#file;
  }

  /** The namespace as a filter names it. */
  get namespace(): { readonly device: bigint; readonly inode: bigint } {
    return stat(this.#file);
  }

  /**
   * A program with its arguments that starts what follows it in the namespace.
   *
   * @param options more of unshare(1), for a container that shares less with its host
   */
  enter(...options: readonly string[]): string[] {
    return [
      "/usr/bin/nsenter",
      `--pid=${this.#file}`,
      "--no-fork",
      UNSHARE,
      "--fork",
      "--kill-child",
      ...options,
    ];
  }
}
