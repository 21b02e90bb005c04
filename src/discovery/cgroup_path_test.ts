import assert from "node:assert/strict";
import type { Mount } from "../syscall/files/mountinfo.ts";
import { processId } from "../syscall/mod.ts";
import { resolveCgroupPath } from "./cgroup_path.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** `/proc` in place of a cgroup2 mount: a directory that every machine has. */
const PROC: Mount = { id: 1, parentId: 0, root: "/", mountPoint: "/proc", fsType: "cgroup2" };

const FAULTS: readonly [path: string, fault: string][] = [
  ["/no/such/cgroup", "it does not exist"],
  ["no-such-cgroup", "it does not exist"],
  ["/proc/self/status", "it is not a directory"],
  ["self/status", "it is not a directory"],
  ["/proc/self/status/below", "one of its parents is not a directory"],
  ["/proc/self", "it is not on a cgroup2 file system"],
  [".", "it is not on a cgroup2 file system"],
];

for (const [path, fault] of FAULTS) {
  Deno.test(`resolveCgroupPath() rejects ${path}: ${fault}`, () => {
    assert.throws(() => resolveCgroupPath(path, [PROC]), {
      name: "CgroupPathError",
      path,
      message: `Cannot use cgroup_path ${path}: ${fault}; name a directory below /proc`,
    });
  });
}

Deno.test("resolveCgroupPath() says so if no cgroup2 file system is mounted", () => {
  assert.throws(() => resolveCgroupPath("/sys/fs/cgroup/memory/a", []), {
    name: "CgroupPathError",
    message: /^Cannot use cgroup_path \/sys\/fs\/cgroup\/memory\/a: no cgroup2 file system is mounted here; /,
  });
});
