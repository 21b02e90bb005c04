/** KTM where it cannot work: it says what is missing, and the host goes on. */
import assert from "node:assert/strict";
import { startAgent } from "../support/agent.ts";
import { heldBy } from "../support/kernel/bpf_objects.ts";
import { ktm, withMounts, WITHOUT_CAPABILITIES } from "../support/ktm.ts";
import { LIVE_KERNEL, type Need, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";

interface Lack {
  readonly where: string;
  readonly needs: readonly Need[];
  readonly wrapper: readonly string[];
  /** What is missing, and the remedy. */
  readonly reason: RegExp;
}

const LACKS: readonly Lack[] = [
  {
    where: "without capabilities",
    needs: ["setpriv"],
    wrapper: WITHOUT_CAPABILITIES,
    reason: /CAP_BPF and CAP_PERFMON missing: run as root, or grant the capabilities/,
  },
  {
    where: "without BTF",
    needs: ["unshare", "mount"],
    wrapper: withMounts("mount -t tmpfs tmpfs /sys/kernel/btf"),
    reason: /no BTF in \/sys\/kernel\/btf\/vmlinux: use a kernel built with CONFIG_DEBUG_INFO_BTF=y/,
  },
];

for (const { where, needs: tools, wrapper, reason } of LACKS) {
  const wanted = [...LIVE_KERNEL, "bash", ...tools] as const;

  Deno.test(needs(wanted, `run ${where} disables itself with one error and goes on`, async () => {
    await using stage = new Stage();
    await stage.startStopped(stage.prefix, ":", stage.cgroup);
    await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
    assert.equal(await agent.value("ktm_status"), 0);
    const metrics = (await agent.get("/metrics")).text;
    assert.doesNotMatch(metrics, /^ktm_(?:sys|cache|page_cache|fadvise|memory)_/m);
    assert.equal((await agent.get("/healthz")).status, 200);
    const ready = await agent.get("/readyz");
    assert.equal(ready.status, 200);
    assert.match(ready.text, reason);
    const errors = agent.child.stderr.split("\n").filter((line) => / (?:ERROR|WARN) /.test(line));
    assert.equal(errors.length, 1, agent.child.stderr);
    assert.match(errors[0]!, reason);
    assert.equal(heldBy(agent.child.pid).map.size, 0);
    agent.child.kill("SIGTERM");
    assert.equal((await agent.child.outcome()).code, 0);
  }));

  for (const command of ["snapshot", "demo"]) {
    Deno.test(needs(wanted, `${command} ${where} fails and says why`, async () => {
      const { code, stdout, stderr } = await ktm([command, "--duration", "50ms"], wrapper);
      assert.equal(code, 1);
      assert.equal(stdout, "");
      const lines = stderr.split("\n").filter((line) => line.startsWith("ktm: "));
      assert.equal(lines.length, 1, stderr);
      assert.match(lines[0]!, reason);
    }));
  }

  Deno.test(needs(wanted, `check ${where} says what is missing`, async () => {
    const { code, stdout } = await ktm(["check"], wrapper);
    assert.equal(code, 1);
    assert.match(stdout, /^failed .*(?:CAP_BPF|CONFIG_DEBUG_INFO_BTF)/m);
    assert.match(stdout, /^cannot run$/m);
  }));
}
