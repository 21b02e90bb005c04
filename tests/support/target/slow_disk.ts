/** A disk that is slow on purpose. @module */
import { mountsOfType } from "../../../src/syscall/mod.ts";
import { output } from "../child.ts";
import { removeCgroup } from "../kernel/cgroup.ts";

/** What the disk gives at most; what is more than that waits. */
export const DISK_LIMIT: DiskLimit = { requestsPerSecond: 100, bytesPerSecond: 4 << 20 };

/** Room for the files, and as much again. */
const SIZE_BYTES = 512 << 20;

/** A disk with a file system. */
export interface SlowDisk {
  /** A folder on it. */
  readonly folder: string;
  /** Files by which processes enter the cgroups for which it is slow; none where it is so for all. */
  readonly procs: readonly string[];
}

/** A disk whose limit can be changed. */
export interface LimitedDisk extends SlowDisk {
  /** Has the disk give at most so much from now on; 0 is without limit. */
  readonly limit: (limit: DiskLimit) => Promise<void>;
}

/** What a disk gives at most. */
export interface DiskLimit {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
}

async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await output(program, ...args);
  if (code === 0) return stdout.trim();
  throw new Error(`Cannot make a disk: ${program} ${args.join(" ")}: ${stderr.trim()}`);
}

/** The number of a device, as `include/linux/kdev_t.h` has it for user space. */
async function deviceNumber(path: string): Promise<string> {
  const { rdev } = await Deno.stat(path);
  return `${rdev! >> 8 & 0xfff}:${rdev! & 0xff}`;
}

/** A cgroup of the first version, whose members need not be in one cgroup otherwise, and share the limit. */
async function limitedCgroup(
  device: string,
  stack: AsyncDisposableStack,
): Promise<Pick<LimitedDisk, "procs" | "limit">> {
  const mount = mountsOfType("cgroup").find(({ mountPoint }) => mountPoint.endsWith("/blkio"));
  if (mount === undefined) {
    throw new Error("Cannot make a disk slow: no blkio controller of cgroup v1 is mounted: use --kernel");
  }
  const cgroup = `${mount.mountPoint}/ktm-workloads-${crypto.randomUUID()}`;
  await Deno.mkdir(cgroup);
  stack.defer(() => removeCgroup(cgroup));
  const number = await deviceNumber(device);
  const limit = async ({ requestsPerSecond, bytesPerSecond }: DiskLimit) => {
    await Deno.writeTextFile(`${cgroup}/blkio.throttle.read_iops_device`, `${number} ${requestsPerSecond}`);
    await Deno.writeTextFile(`${cgroup}/blkio.throttle.read_bps_device`, `${number} ${bytesPerSecond}`);
  };
  await limit(DISK_LIMIT);
  return { procs: [`${cgroup}/cgroup.procs`], limit };
}

/**
 * Makes a disk of a file, with the usual readahead whatever the machine's own disk has.
 *
 * @param stack takes what has to be undone
 */
export async function makeSlowDisk(stack: AsyncDisposableStack): Promise<LimitedDisk> {
  const directory = await Deno.makeTempDir({ prefix: "ktm-workloads-" });
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const [image, folder] = [`${directory}/image`, `${directory}/disk`];
  await Deno.mkdir(folder);
  await Deno.writeFile(image, new Uint8Array());
  await Deno.truncate(image, SIZE_BYTES);
  await run("mkfs.ext4", "-q", "-F", image);
  // Past the machine's own page cache, which would be a second one.
  const device = await run("losetup", "--find", "--show", "--direct-io=on", image);
  stack.defer(async () => void await run("losetup", "--detach", device));
  await run("mount", "-t", "ext4", device, folder);
  stack.defer(async () => void await run("umount", folder));
  return { folder, ...await limitedCgroup(device, stack) };
}
