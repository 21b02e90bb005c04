/** `ktm` where a seccomp filter refuses a system call: the reason is the filter, and nothing else. */
// Runs beside others.
import assert from "node:assert/strict";
import { ktm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { REFUSALS, type RefusedCall, withoutSyscall } from "./without_syscall.ts";

const NEEDS = [...LIVE_KERNEL, "bash", "python3"] as const;
const KINDS = Object.keys(REFUSALS) as (keyof typeof REFUSALS)[];

interface Finding {
  readonly name: string;
  readonly level: string;
  readonly detail: string;
}

async function findingsUnder(
  wrapper: readonly string[],
  prefix: string,
): Promise<ReadonlyMap<string, Finding>> {
  const { stdout, stderr } = await ktm(["check", "--json", "--comm-prefix", prefix], wrapper);
  assert.equal(stderr, "");
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return new Map(findings.map((finding) => [finding.name, finding]));
}

for (const call of ["bpf", "statx", "getdents64"] as const) {
  Deno.test(needs(NEEDS, `a seccomp filter against ${call} is named, with what to do about it`, async () => {
    await using stage = new Stage();
    await stage.startStopped(stage.prefix, ":", stage.cgroup);
    for (const kind of KINDS) {
      const wrapper = withoutSyscall(call, kind);
      const options = ["--duration", "1ms", "--comm-prefix", stage.prefix];
      const { code, stdout, stderr } = await ktm(["snapshot", ...options], wrapper);
      assert.equal(code, 1);
      assert.equal(stdout, "");
      const reason = new RegExp(
        `^ktm: Cannot take a snapshot: a seccomp filter forbids ${call}: .*seccompProfile`,
        "m",
      );
      assert.match(stderr, reason);
      assert.doesNotMatch(stderr, /CONFIG_|BTF|missing/);
      const findings = await findingsUnder(wrapper, stage.prefix);
      assert.equal(findings.get("system calls")!.level, "failed");
      assert.match(findings.get("probes")!.detail, new RegExp(`^a seccomp filter forbids ${call}`));
      assert.doesNotMatch(JSON.stringify([...findings]), /CONFIG_DEBUG_INFO_BTF/);
    }
  }));
}

for (const call of ["perf_event_open", "pidfd_open"] satisfies readonly RefusedCall[]) {
  Deno.test(needs(NEEDS, `ktm watches without ${call}`, async () => {
    await using stage = new Stage();
    await stage.startStopped(stage.prefix, ":", stage.cgroup);
    for (const kind of KINDS) {
      const wrapper = withoutSyscall(call, kind);
      const options = ["--duration", "1ms", "--comm-prefix", stage.prefix];
      const { code, stderr } = await ktm(["snapshot", ...options], wrapper);
      assert.equal(code, 0, stderr);
      const detail = (await findingsUnder(wrapper, stage.prefix)).get("system calls")!.detail;
      if (call === "perf_event_open") assert.match(detail, /^a seccomp filter forbids perf_event_open: /);
      else assert.equal(detail, "all that matter are allowed");
    }
  }));
}

Deno.test(
  needs([...NEEDS, "setpriv"], "missing capabilities are not taken for a seccomp filter", async () => {
    await using stage = new Stage();
    const findings = await findingsUnder(["setpriv", "--bounding-set=-all", "--inh-caps=-all"], stage.prefix);
    assert.equal(findings.get("system calls")!.level, "ok");
    assert.match(findings.get("probes")!.detail, /CAP_BPF and CAP_PERFMON missing/);
  }),
);
