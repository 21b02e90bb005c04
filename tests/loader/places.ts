/** Cgroups and programs whose traffic is known, for programs that attach to places. @module */
import assert from "node:assert/strict";
import { output } from "../support/child.ts";
import { removeCgroup } from "../support/kernel/cgroup.ts";
import { ROOT } from "../support/ktm.ts";
import { wholeCgroupMount } from "../support/needs.ts";
import type { LoopbackReport } from "./udp_loopback.ts";

/** A program of the tests' own, with its arguments. */
export function testScript(name: string, ...args: readonly string[]): [string, ...string[]] {
  const config = new URL("deno.json", ROOT).pathname;
  const path = new URL(`tests/loader/${name}`, ROOT).pathname;
  return [Deno.execPath(), "run", "--quiet", "--no-check", "--config", config, "-A", path, ...args];
}

let made = 0;

/** A cgroup that ends with the test. */
export function makeCgroup(): AsyncDisposable & { readonly path: string } {
  const path = `${wholeCgroupMount()}/ktm-places-${Deno.pid}-${made++}`;
  Deno.mkdirSync(path);
  return { path, [Symbol.asyncDispose]: () => removeCgroup(path) };
}

/** Has a process of a cgroup send datagrams over the loopback interface. */
export async function sendFrom(cgroup: string, count: number): Promise<LoopbackReport> {
  const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  const { code, stdout, stderr } = await output(
    "sh",
    "-c",
    enter,
    cgroup,
    ...testScript("udp_loopback.ts", String(count)),
  );
  assert.deepEqual([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}
