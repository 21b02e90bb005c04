import assert from "node:assert/strict";
import { cgroupMemoryLimit, defaultMemoryLimit } from "./memory_limit.ts";

function readerOf(files: Record<string, string>): (path: string) => string {
  return (path) => {
    const text = files[path];
    if (text === undefined) throw new Error(`no such file: ${path}`);
    return text;
  };
}

Deno.test("defaultMemoryLimit() is a tenth of the cgroup's limit", () => {
  const readText = readerOf({
    "/proc/self/cgroup": "0::/\n",
    "/sys/fs/cgroup/memory.max": "134217728\n",
  });
  assert.equal(defaultMemoryLimit(readText), 13_421_772);
});

Deno.test("defaultMemoryLimit() is 64 MiB without a limit", () => {
  const unlimited = readerOf({
    "/proc/self/cgroup": "0::/system.slice/ktm.service\n",
    "/sys/fs/cgroup/system.slice/ktm.service/memory.max": "max\n",
  });
  for (const readText of [unlimited, readerOf({})]) {
    assert.equal(defaultMemoryLimit(readText), 67_108_864);
  }
});

Deno.test("cgroupMemoryLimit() takes the lowest limit of the cgroup and those above it", () => {
  const readText = readerOf({
    "/proc/self/cgroup": "1:name=systemd:/elsewhere\n0::/pods/pod1/sidecar\n",
    "/sys/fs/cgroup/pods/pod1/sidecar/memory.max": "3000\n",
    "/sys/fs/cgroup/pods/pod1/memory.max": "1000\n",
    "/sys/fs/cgroup/pods/memory.max": "max\n",
    "/sys/fs/cgroup/elsewhere/memory.max": "1\n",
  });
  assert.equal(cgroupMemoryLimit(readText), 1000n);
});

Deno.test("cgroupMemoryLimit() finds none where there is only cgroup v1", () => {
  const readText = readerOf({
    "/proc/self/cgroup": "2:memory:/docker/1\n1:cpu:/docker/1\n",
    "/sys/fs/cgroup/memory.max": "1000\n",
  });
  assert.equal(cgroupMemoryLimit(readText), undefined);
});
