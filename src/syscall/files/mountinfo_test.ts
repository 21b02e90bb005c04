import assert from "node:assert/strict";
import { mountsOfType, parseMountinfo, reachableMounts } from "./mountinfo.ts";

/** A systemd machine with cgroup v2 only. */
const UNIFIED = `\
21 27 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
22 27 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
30 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
34 22 0:12 / /sys/kernel/tracing rw,nosuid,nodev,noexec,relatime shared:15 - tracefs tracefs rw
`;

/** A systemd machine with controllers on cgroup v1 and an empty cgroup v2 hierarchy. */
const HYBRID = `\
22 27 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
31 30 0:27 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime shared:10 - cgroup2 cgroup2 rw,nsdelegate
32 30 0:28 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,xattr,name=systemd
35 30 0:31 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,memory
`;

/** The same machine before cgroup v2 existed. */
const V1_ONLY = HYBRID.split("\n").filter((line) => !line.includes("cgroup2")).join("\n");

function mountPoints(text: string, fsType: string): string[] {
  return mountsOfType(fsType, () => text).map((mount) => mount.mountPoint);
}

Deno.test("parseMountinfo() reads ids, root, mount point and type past any number of optional fields", () => {
  const text = `\
1234 1200 0:26 /docker/c0ffee /sys/fs/cgroup ro,nosuid shared:9 master:4 propagate_from:2 - cgroup2 cgroup rw
1235 1234 0:27 / /mnt rw - tmpfs none rw
`;
  assert.deepEqual(parseMountinfo(text), [
    { id: 1234, parentId: 1200, root: "/docker/c0ffee", mountPoint: "/sys/fs/cgroup", fsType: "cgroup2" },
    { id: 1235, parentId: 1234, root: "/", mountPoint: "/mnt", fsType: "tmpfs" },
  ]);
});

Deno.test("parseMountinfo() decodes the octal escapes of space, tab, newline, backslash and hash", () => {
  const [mount] = parseMountinfo(
    String.raw`40 27 0:30 /a\040b /mnt/c\011d\012e\134040\043f rw - cgroup2 none rw`,
  );
  assert.equal(mount?.root, "/a b");
  assert.equal(mount?.mountPoint, "/mnt/c\td\ne\\040#f");
});

Deno.test("parseMountinfo() rejects a line without a file system type", () => {
  assert.throws(() => parseMountinfo("40 27 0:30 / /mnt rw"), {
    name: "SyntaxError",
    message: 'Cannot parse mountinfo line "40 27 0:30 / /mnt rw": fields are missing',
  });
});

Deno.test("mountsOfType() finds cgroup2 on a unified machine, under a hybrid one, and anywhere else", () => {
  assert.deepEqual(mountPoints(UNIFIED, "cgroup2"), ["/sys/fs/cgroup"]);
  assert.deepEqual(mountPoints(UNIFIED, "tracefs"), ["/sys/kernel/tracing"]);
  assert.deepEqual(mountPoints(HYBRID, "cgroup2"), ["/sys/fs/cgroup/unified"]);
  assert.deepEqual(
    mountPoints(V1_ONLY + "90 27 0:50 / /mnt/cg\\0402 rw - cgroup2 none rw\n", "cgroup2"),
    ["/mnt/cg 2"],
  );
});

Deno.test("mountsOfType() finds nothing where only cgroup v1 is mounted", () => {
  assert.deepEqual(mountPoints(V1_ONLY, "cgroup2"), []);
});

Deno.test("mountsOfType() keeps every mount of the type that is not hidden", () => {
  const text = UNIFIED + "50 27 0:26 /system.slice /mnt/slice rw shared:9 - cgroup2 cgroup2 rw\n";
  assert.deepEqual(mountPoints(text, "cgroup2"), ["/sys/fs/cgroup", "/mnt/slice"]);
});

Deno.test("reachableMounts() lets the last mount on a path hide the earlier ones, of whatever type", () => {
  const twice = UNIFIED + "60 30 0:26 /a.slice /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  assert.deepEqual(mountsOfType("cgroup2", () => twice).map((mount) => mount.id), [60]);
  const hidden = twice + "61 60 0:61 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n";
  assert.deepEqual(mountPoints(hidden, "cgroup2"), []);
});

Deno.test("reachableMounts() drops what lies below a directory that was mounted over", () => {
  const overParent = HYBRID + "60 30 0:60 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n";
  assert.deepEqual(mountPoints(overParent, "cgroup2"), []);
  const overGrandparent = HYBRID + "60 22 0:60 / /sys/fs rw - tmpfs tmpfs rw\n";
  assert.deepEqual(mountPoints(overGrandparent, "cgroup2"), []);
  const overNeighbour = HYBRID + "60 22 0:60 / /sys/f rw - tmpfs tmpfs rw\n";
  assert.deepEqual(mountPoints(overNeighbour, "cgroup2"), ["/sys/fs/cgroup/unified"]);
});

Deno.test("reachableMounts() keeps what is mounted on a root that covers the initial RAM disk", () => {
  const mounts = parseMountinfo("1 1 0:2 / / rw - rootfs rootfs rw\n" + UNIFIED);
  assert.deepEqual(reachableMounts(mounts).map((mount) => mount.id), [21, 22, 27, 30, 34]);
});
