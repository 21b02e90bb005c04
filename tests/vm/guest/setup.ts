/** What a guest looks like when a test in it starts. @module */

/**
 * A guest's state; what is left out is as on a usual machine.
 *
 * Each test of a guest has its mounts to itself, so that most states end with it: {@linkcode turnOf} tells which
 * don't.
 */
export interface GuestSetup {
  /** The cgroup hierarchies; `v2` unless given. `hybrid` has the controllers on v1 and an empty v2 hierarchy. */
  readonly cgroup?: "v2" | "v1" | "hybrid" | "none";
  /** Whether tracefs is mounted, at `/sys/kernel/tracing`; true unless given. */
  readonly tracefs?: boolean;
  /** Whether securityfs is mounted, at `/sys/kernel/security`; true unless given. */
  readonly securityfs?: boolean;
  /** What the kernel is locked down for, which it never gives up again. */
  readonly lockdown?: "confidentiality";
  /** Files and folders that are there but empty, for example `/sys/kernel/btf`. */
  readonly hidden?: readonly string[];
}

const TRACEFS = ["mount -t tracefs tracefs /sys/kernel/tracing"];

const SECURITYFS = ["mount -t securityfs securityfs /sys/kernel/security"];

/** A hierarchy for each controller that cgroup v1 has, and one without a controller, as systemd has it. */
const CGROUP_V1 = [
  "mount -t tmpfs cgroup /sys/fs/cgroup",
  "for controller in $(awk '!/^#/ && $4 == 1 { print $1 }' /proc/cgroups); do " +
  "mkdir /sys/fs/cgroup/$controller; " +
  "mount -t cgroup -o $controller cgroup /sys/fs/cgroup/$controller || rmdir /sys/fs/cgroup/$controller; done",
  "mkdir /sys/fs/cgroup/systemd",
  "mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd",
];

/** The hierarchies of a test before are on their way out for a while. */
const WITHOUT_CGROUP_V1 = "until awk '!/^#/ && $2 != 0 { exit 1 }' /proc/cgroups; do usleep 1000; done";

const CGROUP: Readonly<Record<NonNullable<GuestSetup["cgroup"]>, readonly string[]>> = {
  v2: [
    WITHOUT_CGROUP_V1,
    "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
    "for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do " +
    "echo +$controller >/sys/fs/cgroup/cgroup.subtree_control; done",
  ],
  v1: CGROUP_V1,
  hybrid: [
    ...CGROUP_V1,
    "mkdir /sys/fs/cgroup/unified",
    "mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified",
  ],
  none: [],
};

function hide(path: string): string {
  const quoted = quote(path);
  return `if [ -d ${quoted} ]; then mount -t tmpfs tmpfs ${quoted}; else mount -o bind /dev/null ${quoted}; fi`;
}

/** Quotes a word for the shell. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The shell commands that bring a guest into a state. */
export function setupCommands(setup: GuestSetup): string[] {
  return [
    ...setup.tracefs ?? true ? TRACEFS : [],
    ...setup.securityfs ?? true ? SECURITYFS : [],
    ...CGROUP[setup.cgroup ?? "v2"],
    ...setup.lockdown === undefined ? [] : [`echo ${setup.lockdown} >/sys/kernel/security/lockdown`],
    ...(setup.hidden ?? []).map(hide),
  ];
}

/**
 * When the turn of a state comes among those of one guest, the lower the earlier: cgroup v1 gets no controller
 * back that v2 has had, and lockdown stays.
 */
export function turnOf({ cgroup, lockdown }: GuestSetup): number {
  if (lockdown !== undefined) return 2;
  return cgroup === "v1" || cgroup === "hybrid" ? 0 : 1;
}
