/**
 * What tests need beyond Deno: programs of the machine, privileges, parts of the kernel.
 *
 * A test whose needs are not met is ignored under a name that says what to do about it. Where the
 * environment variable CI is `true` nothing is ignored: the test fails and says the same.
 *
 * @module
 */
import { mountsOfType, stat } from "../../src/syscall/mod.ts";
import { COMPILED_OBJECTS } from "./compile.ts";

function hasProgram(name: string): boolean {
  const directories = (Deno.env.get("PATH") ?? "").split(":");
  return [...directories, "/usr/sbin", "/sbin"].some((directory) => {
    try {
      return Deno.statSync(`${directory}/${name}`).isFile;
    } catch {
      return false;
    }
  });
}

function program(name: string, packageName = name) {
  return { isMet: () => hasProgram(name), remedy: `${name}: apt-get install ${packageName}` };
}

/** The cgroup2 mount that shows the whole hierarchy, whose root has the id 1; a container may not have one. */
export function wholeCgroupMount(): string | undefined {
  return mountsOfType("cgroup2").find(({ mountPoint }) => stat(mountPoint).inode === 1n)?.mountPoint;
}

function hasFile(path: string): boolean {
  try {
    return stat(path).size > 0n;
  } catch {
    return false;
  }
}

function hasLibbpf(): boolean {
  try {
    return hasProgram("cc") && Deno.statSync("/usr/include/bpf/libbpf.h").isFile;
  } catch {
    return false;
  }
}

const NEEDS = {
  apt: program("apt-get", "apt"),
  bash: program("bash"),
  bpftool: program("bpftool"),
  buildah: program("buildah"),
  busybox: program("busybox", "busybox-static"),
  /** For `tests/objects`. */
  clang: {
    isMet: () => COMPILED_OBJECTS !== undefined || hasProgram("clang-19"),
    remedy: program("clang-19").remedy,
  },
  /** For `tests/truth`. */
  cc: {
    isMet: () => COMPILED_OBJECTS !== undefined || hasProgram("cc"),
    remedy: "cc: apt-get install gcc libc6-dev",
  },
  blkio: {
    isMet: () => mountsOfType("cgroup").some(({ mountPoint }) => mountPoint.endsWith("/blkio")),
    remedy: "the blkio controller: mount -t cgroup -o blkio cgroup /sys/fs/cgroup/blkio",
  },
  chromium: program("chromium"),
  chrt: program("chrt", "util-linux"),
  crun: program("crun"),
  fio: program("fio"),
  ip: program("ip", "iproute2"),
  kubectl: program("kubectl", "kubernetes-client"),
  libbpf: { isMet: hasLibbpf, remedy: "cc and libbpf: apt-get install gcc libc6-dev libbpf-dev" },
  losetup: program("losetup", "mount"),
  "mkfs.ext4": program("mkfs.ext4", "e2fsprogs"),
  mount: program("mount"),
  nsenter: program("nsenter", "util-linux"),
  prlimit: program("prlimit", "util-linux"),
  prometheus: program("prometheus"),
  promtool: program("promtool", "prometheus"),
  python3: program("python3"),
  script: program("script", "bsdutils"),
  setpriv: program("setpriv", "util-linux"),
  setsid: program("setsid", "util-linux"),
  strace: program("strace"),
  "systemd-analyze": program("systemd-analyze", "systemd"),
  "systemd-nspawn": program("systemd-nspawn", "systemd-container"),
  taskset: program("taskset", "util-linux"),
  unshare: program("unshare", "util-linux"),
  zsh: program("zsh"),
  root: { isMet: () => Deno.uid() === 0, remedy: "root" },
  cgroup2: {
    isMet: () => wholeCgroupMount() !== undefined,
    remedy: "the whole cgroup2 hierarchy: mount -t cgroup2 cgroup2 /sys/fs/cgroup",
  },
  virtioBlkModule: {
    isMet: () => hasFile("/sys/kernel/btf/virtio_blk") && Deno.env.has("KTM_SCRATCH"),
    remedy: "a disk whose driver, virtio_blk, is a module with BTF, and a folder on it in KTM_SCRATCH",
  },
  btf: { isMet: () => hasFile("/sys/kernel/btf/vmlinux"), remedy: "a kernel with CONFIG_DEBUG_INFO_BTF=y" },
} as const;

/** Something that a test may need. */
export type Need = keyof typeof NEEDS;

/** What a program that attaches to the kernel needs. */
export const LIVE_KERNEL = ["root", "cgroup2", "btf"] as const satisfies readonly Need[];

/**
 * Defines a test that needs more than Deno.
 *
 * @param wanted what it needs
 * @param name a sentence
 * @param fn the test
 * @returns what `Deno.test()` takes
 */
export function needs(
  wanted: readonly Need[],
  name: string,
  fn: Deno.TestDefinition["fn"],
): Deno.TestDefinition {
  const missing = wanted.map((need) => NEEDS[need]).filter(({ isMet }) => !isMet());
  if (missing.length === 0) return { name, fn };
  const complaint = `needs ${missing.map(({ remedy }) => remedy).join("; ")}`;
  return {
    name: `${name} (${complaint})`,
    ignore: Deno.env.get("CI") !== "true",
    fn: () => {
      throw new Error(`Cannot run the test: it ${complaint}`);
    },
  };
}

/**
 * Has a test ignored, in CI too: `scripts/gate/bounds.ts` lists the reasons that the gate takes.
 *
 * @param reason why it cannot or need not run here; undefined if it can
 * @param test the test
 */
export function unless(reason: string | undefined, test: Deno.TestDefinition): Deno.TestDefinition {
  if (reason === undefined || test.ignore === true) return test;
  return { ...test, name: `${test.name} (${reason})`, ignore: true };
}
