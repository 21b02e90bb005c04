import assert from "node:assert/strict";
import { parseMountinfo } from "../../syscall/mod.ts";
import { MemoryFinder, parseV1Path } from "./memory_place.ts";

const TEXT = "12:memory:/pod/db\n3:cpu,cpuacct:/cpu\n1:name=systemd:/s\n0::/unified\n";

const MOUNTS = parseMountinfo(
  "35 30 0:31 / /sys/fs/cgroup/cpu,cpuacct rw shared:16 - cgroup cgroup rw,cpu,cpuacct\n" +
    "36 30 0:32 /pod /sys/fs/cgroup/memory rw shared:17 - cgroup cgroup rw,memory\n",
);

/** Reads what is in a list, and counts how often it is asked. */
function machine(...files: string[]) {
  const asked: string[] = [];
  const finder = new MemoryFinder((path) => {
    asked.push(path);
    return files.includes(path) ? "1" : undefined;
  }, () => MOUNTS);
  return { asked, finder };
}

Deno.test("parseV1Path() finds a controller among others, and colons in paths", () => {
  assert.equal(parseV1Path(TEXT, "memory"), "/pod/db");
  assert.equal(parseV1Path(TEXT, "cpuacct"), "/cpu");
  assert.equal(parseV1Path("4:memory:/a:b\n", "memory"), "/a:b");
});

Deno.test("parseV1Path() finds nothing where the controller is not one of version 1", () => {
  for (const text of ["0::/memory\n", "", "memory", "x:memory:/a", "4:memory:a", "4:mem:/a", "\0\n\xff"]) {
    assert.equal(parseV1Path(text, "memory"), undefined, JSON.stringify(text));
  }
});

Deno.test("find() takes the controller of version 2 where it is", () => {
  const { finder } = machine("/c/db/memory.current", "/sys/fs/cgroup/memory/db/memory.usage_in_bytes");
  const found = finder.find("/c/db", TEXT);
  assert.deepEqual([found?.files.version, found?.directory], [2, "/c/db"]);
});

Deno.test("find() takes the mount of version 1 that has the files, below what it shows", () => {
  const { finder } = machine("/sys/fs/cgroup/memory/db/memory.usage_in_bytes");
  const found = finder.find("/c/db", TEXT);
  assert.deepEqual([found?.files.version, found?.directory], [1, "/sys/fs/cgroup/memory/db"]);
});

Deno.test("find() finds nothing where nothing is visible", () => {
  assert.equal(machine().finder.find("/c/db", TEXT), undefined);
  assert.equal(machine().finder.find(undefined, undefined), undefined);
});

Deno.test("find() looks again only when the process is in another cgroup", () => {
  const { asked, finder } = machine("/sys/fs/cgroup/memory/db/memory.usage_in_bytes");
  finder.find("/c/db", TEXT);
  const { length } = asked;
  assert.ok(length > 0);
  finder.find("/c/db", TEXT);
  assert.equal(asked.length, length);
  assert.equal(finder.find("/c/db", TEXT.replace("/pod/db", "/pod/other")), undefined);
  assert.ok(asked.length > length);
});

Deno.test("find() stays where it was when the process ends: it is reported in the root by then, or not at all", () => {
  const root = "/sys/fs/cgroup/memory/memory.usage_in_bytes";
  const { finder } = machine("/sys/fs/cgroup/memory/db/memory.usage_in_bytes", root);
  const found = finder.find("/c/db", TEXT);
  assert.equal(found?.directory, "/sys/fs/cgroup/memory/db");
  for (const text of [TEXT.replace("/pod/db", "/"), undefined]) {
    assert.equal(finder.find("/c/db", text), found);
  }
});
