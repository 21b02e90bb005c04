/** Guests in which something is missing, and what KTM has to make of them. @module */
import type { GuestSetup } from "./guest/setup.ts";
import type { GuestTest } from "./guest_tests.ts";
import type { GuestBoot } from "./qemu/run_guest.ts";

/** A guest and what has to come out; see `tests/sidecar/outcome_test.ts`. */
interface Hostile {
  readonly name: string;
  readonly kernels: readonly string[];
  readonly setup?: GuestSetup;
  readonly boot?: GuestBoot;
  /** Runs before the test. */
  readonly prepare?: string;
  /** Capabilities that ktm keeps, in the words of setpriv; all of them unless given. */
  readonly capabilities?: string;
  readonly verdict: "full" | "degraded" | "cannot run";
  /** A regular expression for what `ktm check` says. */
  readonly reason?: string;
}

const HOSTILE: readonly Hostile[] = [
  // Debian's kernels come with perf_event_paranoid=3, which refuses perf events to these two capabilities.
  {
    name: "cap-bpf-perfmon",
    kernels: ["7.3"],
    capabilities: "-all,+bpf,+perfmon",
    verdict: "full",
    reason: "note perf_event_paranoid: 3",
  },
  // Before 5.11 maps count as locked memory, and the limit is 64 KiB unless it may be lifted.
  {
    name: "cap-sys-resource",
    kernels: ["5.10"],
    capabilities: "-all,+bpf,+perfmon,+sys_resource",
    verdict: "full",
    reason: "note perf_event_paranoid: 3",
  },
  {
    name: "no-capabilities",
    kernels: ["6.12"],
    capabilities: "-all",
    verdict: "cannot run",
    reason: "failed probes: CAP_BPF and CAP_PERFMON missing: run as root",
  },
  {
    name: "no-tracefs",
    kernels: ["7.3"],
    setup: { tracefs: false },
    verdict: "full",
    reason: "note tracefs: not mounted",
  },
  {
    name: "confidentiality-old",
    kernels: ["5.10"],
    setup: { lockdown: "confidentiality" },
    verdict: "cannot run",
    reason: "failed probes: .*lockdown=confidentiality forbids that: boot with lockdown=integrity",
  },
  {
    name: "confidentiality",
    kernels: ["6.12"],
    setup: { lockdown: "confidentiality" },
    verdict: "full",
    reason: "note lockdown: confidentiality",
  },
  {
    name: "no-btf",
    kernels: ["6.1"],
    setup: { hidden: ["/sys/kernel/btf"] },
    verdict: "cannot run",
    reason: "failed probes: the kernel shows no BTF in /sys/kernel/btf/vmlinux: use a kernel built with",
  },
  {
    name: "no-cgroup2",
    kernels: ["6.1"],
    setup: { cgroup: "none" },
    verdict: "degraded",
    reason: "note cgroup2: not mounted",
  },
  {
    name: "cgroup1",
    kernels: ["6.12"],
    setup: { cgroup: "v1" },
    verdict: "degraded",
    reason: "note cgroup2: not mounted",
  },
  {
    name: "512-mb",
    kernels: ["7.3"],
    boot: { memoryMb: 512 },
    // What is free but for 50 MB goes into a file in memory.
    prepare: "free=$(awk '/MemAvailable/ { print int($2 / 1024) - 150 }' /proc/meminfo); " +
      "[ $free -le 0 ] || dd if=/dev/zero of=/dev/shm/hog bs=1M count=$free 2>/dev/null",
    verdict: "full",
  },
];

/** The guests as tests; their files are run by a shell after the preparation. */
export function hostileTests(denoTest: (files: readonly string[]) => string[]): GuestTest[] {
  return HOSTILE.map(({ name, kernels, setup, boot, prepare = ":", capabilities, verdict, reason }) => {
    const wrapper = capabilities === undefined
      ? []
      : ["setpriv", `--bounding-set=${capabilities}`, "--inh-caps=-all"];
    const outcome = JSON.stringify({ verdict, reason, wrapper });
    return {
      name,
      architecture: "native",
      kernels,
      tools: ["setpriv"],
      command: [
        "sh",
        "-c",
        `${prepare}; exec "$@"`,
        "sh",
        "env",
        `KTM_OUTCOME=${outcome}`,
        ...denoTest(["tests/sidecar/outcome_test.ts"]),
      ],
      ...(setup === undefined ? {} : { setup }),
      ...(boot === undefined ? {} : { boot }),
    };
  });
}
