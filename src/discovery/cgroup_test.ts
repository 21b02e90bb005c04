import assert from "node:assert/strict";
import { type Mount, parseMountinfo } from "../syscall/files/mountinfo.ts";
import { processId } from "../syscall/mod.ts";
import { locateCgroup, mountLevel, pathBelow, resolveMembership } from "./cgroup.ts";
import { parseCgroupMembership } from "./proc.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

function mounts(text: string): Mount[] {
  return parseMountinfo(text).filter((mount) => mount.fsType === "cgroup2");
}

function locate(mountinfo: string, cgroupPath: string): string[] {
  return locateCgroup(mounts(mountinfo), cgroupPath).map((location) => location.path);
}

const UNIFIED = "30 22 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
const HYBRID = "31 30 0:27 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw\n";
const V1_ONLY = "35 30 0:31 / /sys/fs/cgroup/memory rw shared:16 - cgroup cgroup rw,memory\n";

/** A container without a cgroup namespace, which sees its own part of the hierarchy. */
const BIND = "612 611 0:26 /system.slice/docker-c0ffee.scope /sys/fs/cgroup ro - cgroup2 cgroup rw\n";

/** A container with a cgroup namespace: its own cgroup, and the host's hierarchy two levels above it. */
const NAMESPACED = "712 711 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
const HOST_BELOW_NAMESPACE = "713 711 0:26 /../.. /host/cgroup ro - cgroup2 cgroup rw\n";

Deno.test("pathBelow() gives the components between two paths", () => {
  assert.deepEqual(pathBelow("/", "/"), []);
  assert.deepEqual(pathBelow("/", "/a/b"), ["a", "b"]);
  assert.deepEqual(pathBelow("/a", "/a/b"), ["b"]);
  assert.deepEqual(pathBelow("/a/b", "/a/b"), []);
});

Deno.test("pathBelow() tells a neighbour from a descendant", () => {
  assert.equal(pathBelow("/a", "/ab"), undefined);
  assert.equal(pathBelow("/a/b", "/a"), undefined);
});

Deno.test("locateCgroup() joins the path to the mount, unified or hybrid", () => {
  const path = "/system.slice/banyandb.service";
  assert.deepEqual(locate(UNIFIED, path), ["/sys/fs/cgroup/system.slice/banyandb.service"]);
  assert.deepEqual(locate(HYBRID, path), ["/sys/fs/cgroup/unified/system.slice/banyandb.service"]);
  assert.deepEqual(locate(UNIFIED, "/"), ["/sys/fs/cgroup"]);
  assert.deepEqual(locate(V1_ONLY, path), []);
});

Deno.test("locateCgroup() makes the path relative to the root of a bind mount", () => {
  assert.deepEqual(locate(BIND, "/system.slice/docker-c0ffee.scope"), ["/sys/fs/cgroup"]);
  assert.deepEqual(locate(BIND, "/system.slice/docker-c0ffee.scope/db"), ["/sys/fs/cgroup/db"]);
  assert.deepEqual(locate(BIND, "/system.slice/docker-beef.scope"), []);
});

Deno.test("locateCgroup() finds a path with /.. only in a mount that shows that level", () => {
  const otherPod = "/../../pod1/db";
  assert.deepEqual(locate(NAMESPACED, otherPod), []);
  assert.deepEqual(locate(HOST_BELOW_NAMESPACE, otherPod), ["/host/cgroup/pod1/db"]);
  assert.deepEqual(locate(NAMESPACED + HOST_BELOW_NAMESPACE, otherPod), ["/host/cgroup/pod1/db"]);
});

Deno.test("locateCgroup() does not guess the names between a mount's root and the namespace's", () => {
  assert.deepEqual(locate(HOST_BELOW_NAMESPACE, "/../sibling"), []);
  assert.deepEqual(locate(HOST_BELOW_NAMESPACE, "/"), []);
  assert.deepEqual(locate(HOST_BELOW_NAMESPACE, "/../../../x"), []);
});

Deno.test("locateCgroup() lists every mount that shows the cgroup", () => {
  assert.deepEqual(locate(UNIFIED + BIND, "/system.slice/docker-c0ffee.scope/db"), [
    "/sys/fs/cgroup/system.slice/docker-c0ffee.scope/db",
    "/sys/fs/cgroup/db",
  ]);
});

const SLICE = "kubepods-burstable-pod8f2c7d34_11aa_4c5e_9d0b_5a0c7fe19b11.slice";
const POD_PATH = `/kubepods.slice/kubepods-burstable.slice/${SLICE}`;

/** What a DaemonSet that mounts the host's `/sys/fs/cgroup` sees, without a cgroup namespace. */
const HOST_AT_HOST = "814 811 0:26 / /host/sys/fs/cgroup ro - cgroup2 cgroup rw\n";
/** The same with one, four levels below the root. */
const HOST_ABOVE_FOUR = "815 811 0:26 /../../../.. /host/sys/fs/cgroup ro - cgroup2 cgroup rw\n";

const TWELVE_V1 = `12:memory:${POD_PATH}/cri-containerd-4be7a1.scope
3:cpu,cpuacct:${POD_PATH}/cri-containerd-4be7a1.scope
1:name=systemd:${POD_PATH}/cri-containerd-4be7a1.scope
`;

/** Where an agent finds the cgroup of a process: by what mounts and `/proc/<pid>/cgroup` say to it. */
const VIEWS: readonly [where: string, mountinfo: string, text: string, directories: readonly string[]][] = [
  [
    "a unit on a machine",
    UNIFIED,
    "0::/system.slice/banyandb.service\n",
    ["/sys/fs/cgroup/system.slice/banyandb.service"],
  ],
  [
    "a unit of a template on a hybrid machine",
    V1_ONLY + HYBRID,
    "12:memory:/system.slice\n0::/system.slice/system-banyandb.slice/banyandb@0.service\n",
    ["/sys/fs/cgroup/unified/system.slice/system-banyandb.slice/banyandb@0.service"],
  ],
  ["a unit with cgroup v1 only", V1_ONLY, "12:memory:/system.slice/banyandb.service\n", []],
  [
    "a container, from the host",
    UNIFIED,
    `0::${POD_PATH}/cri-containerd-4be7a1.scope\n`,
    [`/sys/fs/cgroup${POD_PATH}/cri-containerd-4be7a1.scope`],
  ],
  [
    "a container on a hybrid host",
    V1_ONLY + HYBRID,
    `${TWELVE_V1}0::${POD_PATH}/cri-containerd-4be7a1.scope\n`,
    [`/sys/fs/cgroup/unified${POD_PATH}/cri-containerd-4be7a1.scope`],
  ],
  ["a container on a host with cgroup v1 only", V1_ONLY, TWELVE_V1, []],
  [
    "a container, from another with the host's mount and namespace",
    HOST_AT_HOST,
    `0::${POD_PATH}/crio-4be7a1.scope\n`,
    [`/host/sys/fs/cgroup${POD_PATH}/crio-4be7a1.scope`],
  ],
  [
    "a container of the same pod, from a cgroup namespace",
    NAMESPACED,
    "0::/../cri-containerd-4be7a1.scope\n",
    [],
  ],
  [
    "a container of the same pod, from a cgroup namespace with the host's mount",
    HOST_ABOVE_FOUR,
    "0::/../cri-containerd-4be7a1.scope\n",
    [],
  ],
  [
    "a process of the host, from a cgroup namespace with the host's mount",
    HOST_ABOVE_FOUR,
    "0::/../../../../system.slice/banyandb.service\n",
    ["/host/sys/fs/cgroup/system.slice/banyandb.service"],
  ],
  ["a process of the agent's own container", NAMESPACED, "0::/\n", ["/sys/fs/cgroup"]],
  ["a process below the agent's container", NAMESPACED, "0::/workers\n", ["/sys/fs/cgroup/workers"]],
];

for (const [where, mountinfo, text, directories] of VIEWS) {
  Deno.test(`locateCgroup() finds ${where} ${directories.length === 0 ? "nowhere" : "by its path"}`, () => {
    const membership = parseCgroupMembership(text);
    assert.deepEqual(membership === undefined ? [] : locate(mountinfo, membership.path), directories);
  });
}

const INITIAL_CGROUP_NAMESPACE = 4026531835n;

Deno.test("mountLevel() is 0 at the root of the hierarchy, in whatever namespace", () => {
  const [unified] = mounts(UNIFIED);
  const [host] = mounts(HOST_BELOW_NAMESPACE);
  assert.equal(mountLevel(unified!, 1n, INITIAL_CGROUP_NAMESPACE), 0);
  assert.equal(mountLevel(host!, 1n, 4026532400n), 0);
});

Deno.test("mountLevel() counts the components of a bind mount's root in the initial namespace", () => {
  const [bind] = mounts(BIND);
  assert.equal(mountLevel(bind!, 5123n, INITIAL_CGROUP_NAMESPACE), 2);
});

Deno.test("mountLevel() is unknown where a cgroup namespace hides what is above", () => {
  const [own] = mounts(NAMESPACED);
  assert.equal(mountLevel(own!, 5123n, 4026532400n), undefined);
});

Deno.test("resolveMembership() says why a cgroup cannot be resolved", () => {
  const path = "/../cri-containerd-4be7a1.scope";
  const cases: readonly [reason: RegExp, ReturnType<typeof resolveMembership>][] = [
    [/cgroup v1 only; boot with cgroup v2$/, resolveMembership(undefined, mounts(V1_ONLY))],
    [/^cgroup \/a has been removed$/, resolveMembership({ path: "/a", isDeleted: true }, mounts(UNIFIED))],
    [/^no cgroup2 file system is mounted here; /, resolveMembership({ path, isDeleted: false }, [])],
    [
      /^cgroup \/\.\.\/cri-\S+ is outside of what is mounted at \/sys\/fs\/cgroup \(root \/\); mount the host's/,
      resolveMembership({ path, isDeleted: false }, mounts(NAMESPACED)),
    ],
    [
      /^Cannot stat \/no-such-mount: No such file/,
      resolveMembership(
        { path: "/a", isDeleted: false },
        mounts("1 2 0:3 / /no-such-mount rw - cgroup2 none rw"),
      ),
    ],
  ];
  for (const [reason, resolution] of cases) {
    assert.equal(resolution.cgroup, undefined);
    assert.match(resolution.reason, reason);
  }
});
