/** What a running demo owns, and whether that is gone. @module */
import assert from "node:assert/strict";
import { type BpfIds, heldBy, untilFreed } from "../support/kernel/bpf_objects.ts";
import { wholeCgroupMount } from "../support/needs.ts";

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function childrenOf(pid: number): string[] {
  return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).split(" ").filter((word) => word !== "");
}

/** Everything that a demo has made, looked at while it runs. */
export class DemoBelongings {
  readonly #pid: number;
  readonly #workload: readonly string[];
  readonly #ids: BpfIds;

  /** @param pid the demo's process, which watches its workload by now */
  constructor(pid: number) {
    this.#pid = pid;
    this.#workload = childrenOf(pid);
    this.#ids = heldBy(pid);
    assert.equal(this.#workload.length, 1);
    assert.ok(this.#ids.prog.size > 0 && this.#ids.map.size > 0 && this.#ids.link.size > 0);
    assert.ok(exists(`/tmp/ktm-demo-${pid}`));
  }

  get cgroup(): string {
    return `${wholeCgroupMount()}/ktm-demo-${this.#pid}`;
  }

  /** Asserts that nothing of it is left once the demo has ended. */
  async assertGone(): Promise<void> {
    const files = [`/tmp/ktm-demo-${this.#pid}`, `/tmp/ktm-demo-${this.#pid}.counts`];
    const processes = this.#workload.map((pid) => `/proc/${pid}`);
    assert.deepEqual([...files, ...processes, this.cgroup].filter(exists), []);
    await untilFreed(this.#ids);
  }
}
