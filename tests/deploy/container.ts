/** Containers of crun, as a pod has them. @module */
import { withMounts } from "../support/ktm.ts";
import type { Stage } from "../support/stage.ts";
import type { Child } from "../support/child.ts";

/** A container to be run. */
export interface Container {
  readonly name: string;
  /** Its root folder, which it cannot write to. */
  readonly root: string;
  readonly args: readonly string[];
  readonly uid: number;
  /** Effective and, for a user that is not root, ambient. */
  readonly capabilities: readonly string[];
  /** A process whose PID namespace it shares; it has its own unless given. */
  readonly shares?: number;
}

/** `config.json` of a bundle. Source: the OCI runtime specification, 1.0.2. */
function specification({ root, args, uid, capabilities, shares }: Container): unknown {
  const sets = ["bounding", "effective", "inheritable", "permitted", "ambient"];
  const namespaces = ["mount", "ipc", "uts", "network", "cgroup"].map((type) => ({ type }));
  const pid = { type: "pid", ...shares === undefined ? {} : { path: `/proc/${shares}/ns/pid` } };
  const options = ["nosuid", "noexec", "nodev", "ro"];
  return {
    ociVersion: "1.0.2",
    process: {
      user: { uid, gid: uid },
      args,
      cwd: "/",
      capabilities: Object.fromEntries(sets.map((set) => [set, capabilities])),
      noNewPrivileges: true,
    },
    root: { path: root, readonly: true },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
      { destination: "/sys", type: "sysfs", source: "sysfs", options },
      { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options },
    ],
    linux: {
      namespaces: [...namespaces, pid],
      // What Docker and containerd hide.
      maskedPaths: ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/sys/firmware"],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
  };
}

/** crun knows no hybrid hierarchy: it is shown the unified one alone. */
export const UNIFIED = withMounts("umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup");

/**
 * Starts a container in a cgroup.
 *
 * @param stage ends it with the test
 * @param directory for its bundle and its state
 */
export async function startContainer(
  stage: Stage,
  directory: string,
  cgroup: string,
  container: Container,
): Promise<Child> {
  const bundle = `${directory}/bundle-${container.name}`;
  await Deno.mkdir(bundle, { recursive: true });
  await Deno.writeTextFile(`${bundle}/config.json`, JSON.stringify(specification(container)));
  const state = ["--root", `${directory}/crun`, "--cgroup-manager=disabled"];
  const [program, ...args] = [...UNIFIED, "crun", ...state, "run", "--bundle", bundle, container.name];
  return stage.start(program!, args, cgroup, { stdin: "piped" });
}
