/**
 * Each way to attach on its own: what it counts agrees with what the demo's workload did.
 *
 * A kernel need not have every way: of one that it lacks `check` has to say why. Where the environment variable
 * KTM_STRATEGIES names those that it has, as the tests in virtual machines do, nothing else is believed.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Finding } from "../../src/collector/mod.ts";
import { mountsOfType, processId } from "../../src/syscall/mod.ts";
import { ktm, withMounts } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { whyNot } from "../support/strategies.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const STRATEGIES = ["fentry", "tp_btf", "tracepoint", "kprobe"] as const;

/** Mounts tracefs, if it is not mounted, where only this child sees it. */
const HAS_TRACEFS = mountsOfType("tracefs").length > 0;
const WITH_TRACEFS = HAS_TRACEFS ? [] : withMounts("mount -t tracefs tracefs /sys/kernel/tracing");
const TOOLS = HAS_TRACEFS ? [] : ["unshare", "mount"] as const;

/** The probes that the demo compares. */
const COMPARED = ["sys_read", "sys_pread64", "fadvise"];

async function comparedProbes(strategy: string): Promise<Finding[]> {
  const { stdout } = await ktm(["check", "--json", "--strategies", strategy], WITH_TRACEFS);
  const { findings }: { findings: Finding[] } = JSON.parse(stdout);
  const probes = findings.filter(({ name }) => COMPARED.some((probe) => name === `probe ${probe}`));
  return probes.length > 0 ? probes : findings.filter(({ name }) => name === "probes");
}

async function demoBy(strategy: string) {
  return await ktm(["demo", "--duration", "200ms", "--strategies", strategy], WITH_TRACEFS);
}

async function agrees(strategy: string): Promise<void> {
  const { code, stdout, stderr } = await demoBy(strategy);
  assert.equal(code, 0, `${stdout}${stderr}`);
  assert.match(stdout, /^All \d+ counts agree\.$/m, stderr);
}

async function isExplained(strategy: string): Promise<void> {
  const { code, stdout, stderr } = await demoBy(strategy);
  assert.notEqual(code, 0, `${stdout}${stderr}`);
  const probes = await comparedProbes(strategy);
  assert.ok(probes.some(({ detail }) => !detail.startsWith(`${strategy}, `)), `${stdout}${stderr}`);
  for (const { detail } of probes) assert.match(detail, /Cannot \w+ .+: .+|^\w+, exact/);
}

for (const strategy of STRATEGIES) {
  const needed = [...LIVE_KERNEL, ...TOOLS];
  if (whyNot(strategy) === undefined) {
    Deno.test(needs(needed, `demo agrees by ${strategy} alone`, () => agrees(strategy)));
  } else {
    Deno.test(
      needs(needed, `check says why demo cannot count by ${strategy} alone`, () => isExplained(strategy)),
    );
  }
}
