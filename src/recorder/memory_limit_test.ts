import assert from "node:assert/strict";
import { cgroupMemoryLimit, defaultMemoryLimit } from "./memory_limit.ts";

type Files = Readonly<Record<string, string>>;

function readerOf(files: Files): (path: string) => string {
  return (path) => {
    const text = files[path];
    if (text === undefined) throw new Error(`no such file: ${path}`);
    return text;
  };
}

/** What `/proc/self/mountinfo` says of cgroup mounts. */
function mountinfo(
  ...mounts: (readonly [root: string, mountPoint: string, type: string, options: string])[]
) {
  const lines = mounts.map(([root, mountPoint, type, options], index) =>
    `${index + 30} 25 0:${index + 30} ${root} ${mountPoint} rw,nosuid shared:9 - ${type} cgroup ${options}\n`
  );
  return { "/proc/self/mountinfo": lines.join("") };
}

const UNIFIED = mountinfo(["/", "/sys/fs/cgroup", "cgroup2", "rw,nsdelegate"]);
const V1 = mountinfo(["/", "/sys/fs/cgroup/cpu,cpuacct", "cgroup", "rw,cpu,cpuacct"], [
  "/",
  "/sys/fs/cgroup/memory",
  "cgroup",
  "rw,memory",
]);
/** `PAGE_COUNTER_MAX` pages of 4 KiB. */
const V1_UNLIMITED = "9223372036854771712\n";

Deno.test("defaultMemoryLimit() is a tenth of the cgroup's limit", () => {
  const readText = readerOf({
    ...UNIFIED,
    "/proc/self/cgroup": "0::/\n",
    "/sys/fs/cgroup/memory.max": "134217728\n",
  });
  assert.equal(defaultMemoryLimit(readText), 13_421_772);
});

Deno.test("defaultMemoryLimit() is 64 MiB without a limit", () => {
  const unlimited: readonly Files[] = [
    {
      ...UNIFIED,
      "/proc/self/cgroup": "0::/system.slice/ktm.service\n",
      "/sys/fs/cgroup/system.slice/ktm.service/memory.max": "max\n",
    },
    {
      ...V1,
      "/proc/self/cgroup": "4:memory:/system.slice\n",
      "/sys/fs/cgroup/memory/system.slice/memory.limit_in_bytes": V1_UNLIMITED,
      "/sys/fs/cgroup/memory/system.slice/memory.stat": `cache 1\nhierarchical_memory_limit ${V1_UNLIMITED}`,
    },
    {},
  ];
  for (const files of unlimited) assert.equal(defaultMemoryLimit(readerOf(files)), 67_108_864);
});

Deno.test("cgroupMemoryLimit() takes the lowest limit of the cgroup and those above it", () => {
  const readText = readerOf({
    ...UNIFIED,
    "/proc/self/cgroup": "1:name=systemd:/elsewhere\n0::/pods/pod1/sidecar\n",
    "/sys/fs/cgroup/pods/pod1/sidecar/memory.max": "3000\n",
    "/sys/fs/cgroup/pods/pod1/memory.max": "1000\n",
    "/sys/fs/cgroup/pods/memory.max": "max\n",
    "/sys/fs/cgroup/elsewhere/memory.max": "1\n",
  });
  assert.equal(cgroupMemoryLimit(readText), 1000n);
});

Deno.test("cgroupMemoryLimit() takes the lowest limit of a v1 cgroup and those above it", () => {
  const readText = readerOf({
    ...V1,
    "/proc/self/cgroup": "12:cpu,cpuacct:/a\n4:memory:/pods/pod1/sidecar\n1:name=systemd:/elsewhere\n0::/\n",
    "/sys/fs/cgroup/memory/pods/pod1/sidecar/memory.limit_in_bytes": V1_UNLIMITED,
    "/sys/fs/cgroup/memory/pods/pod1/memory.limit_in_bytes": "60817408\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": V1_UNLIMITED,
    "/sys/fs/cgroup/memory/elsewhere/memory.limit_in_bytes": "1\n",
  });
  assert.equal(cgroupMemoryLimit(readText), 60_817_408n);
});

Deno.test("cgroupMemoryLimit() takes the lower one of v1 and v2 on a hybrid host", () => {
  const files = {
    "/proc/self/mountinfo": V1["/proc/self/mountinfo"] + UNIFIED["/proc/self/mountinfo"],
    "/proc/self/cgroup": "4:memory:/one\n0::/two\n",
  };
  for (const [v1, v2] of [[1000, 2000], [2000, 1000]]) {
    const readText = readerOf({
      ...files,
      "/sys/fs/cgroup/memory/one/memory.limit_in_bytes": `${v1}\n`,
      "/sys/fs/cgroup/two/memory.max": `${v2}\n`,
    });
    assert.equal(cgroupMemoryLimit(readText), 1000n);
  }
});

Deno.test("cgroupMemoryLimit() reads in a container, whose mount shows its own cgroup", () => {
  const limit = { "/sys/fs/cgroup/memory/memory.limit_in_bytes": "5000\n" };
  const mounted = (root: string) => mountinfo([root, "/sys/fs/cgroup/memory", "cgroup", "rw,memory"]);
  const containers: readonly Files[] = [
    { ...mounted("/docker/1"), "/proc/self/cgroup": "4:memory:/docker/1\n" },
    // A cgroup namespace, whose root is the container's cgroup.
    { ...mounted("/"), "/proc/self/cgroup": "4:memory:/\n" },
    // A cgroup namespace made after the mount: paths above it start with `/..`.
    { ...mounted("/.."), "/proc/self/cgroup": "4:memory:/\n" },
    { ...mounted("/"), "/proc/self/cgroup": "4:memory:/../../1\n" },
  ];
  for (const container of containers) {
    assert.equal(cgroupMemoryLimit(readerOf({ ...container, ...limit })), 5000n, JSON.stringify(container));
  }
  const below = {
    ...mounted("/docker/1"),
    "/proc/self/cgroup": "4:memory:/docker/1/inner\n",
    "/sys/fs/cgroup/memory/inner/memory.limit_in_bytes": "4000\n",
  };
  assert.equal(cgroupMemoryLimit(readerOf({ ...below, ...limit })), 4000n);
});

Deno.test("cgroupMemoryLimit() knows limits above what the mount shows, where v1 tells them", () => {
  const readText = readerOf({
    ...mountinfo(["/pods/1", "/sys/fs/cgroup/memory", "cgroup", "rw,memory"]),
    "/proc/self/cgroup": "4:memory:/pods/1\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": V1_UNLIMITED,
    "/sys/fs/cgroup/memory/memory.stat": "cache 1\nhierarchical_memory_limit 7000\ntotal_cache 1\n",
  });
  assert.equal(cgroupMemoryLimit(readText), 7000n);
});
