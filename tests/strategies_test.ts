/**
 * Each way to attach on its own: what it counts agrees with what the demo's workload did.
 *
 * A kernel need not have every way. Where the environment variable KTM_STRATEGIES names those that this
 * kernel has, as the tests in virtual machines do, a way that does not work is a failure; elsewhere `check`
 * has to say why it does not.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Finding } from "../src/collector/mod.ts";
import { mountsOfType, processId } from "../src/syscall/mod.ts";
import { ktm, withMounts } from "./support/ktm.ts";
import { LIVE_KERNEL, needs } from "./support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const STRATEGIES = ["fentry", "tp_btf", "tracepoint", "kprobe"];
const EXPECTED = Deno.env.get("KTM_STRATEGIES")?.split(",") ?? [];

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

for (const strategy of STRATEGIES) {
  Deno.test(
    needs(
      [...LIVE_KERNEL, ...TOOLS],
      `demo agrees by ${strategy} alone, or check says why that cannot be`,
      async () => {
        const outcome = await ktm(["demo", "--duration", "200ms", "--strategies", strategy], WITH_TRACEFS);
        if (outcome.code === 0) {
          assert.match(outcome.stdout, /^All \d+ counts agree\.$/m, outcome.stderr);
          return;
        }
        const probes = await comparedProbes(strategy);
        assert.ok(
          probes.some(({ detail }) => !detail.startsWith(`${strategy}, `)),
          `${outcome.stdout}${outcome.stderr}`,
        );
        assert.ok(!EXPECTED.includes(strategy), JSON.stringify(probes));
        for (const { detail } of probes) assert.match(detail, /Cannot \w+ .+: .+|^\w+, exact/);
      },
    ),
  );
}
