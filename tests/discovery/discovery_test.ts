/**
 * Discovery on the running kernel, with real processes and cgroups. Needs root and a cgroup2 mount.
 *
 * @module
 */
import assert from "node:assert/strict";
import { cgroupIsPopulated, type MountedCgroup, resolveMembership } from "../../src/discovery/cgroup.ts";
import { resolveCgroupPath } from "../../src/discovery/cgroup_path.ts";
import { encodeCommPrefix } from "../../src/discovery/comm_prefix.ts";
import { pidNamespace } from "../../src/discovery/pid_namespace.ts";
import { isRunning, listProcesses, parseCgroupMembership } from "../../src/discovery/proc.ts";
import { discoverTarget, type Discovery, type Target, targetState } from "../../src/discovery/target.ts";
import { mountsOfType } from "../../src/syscall/files/mountinfo.ts";
import {
  childState,
  processId,
  readTextFile,
  sendSignal,
  Signal,
  spawn,
  writeTextFile,
} from "../../src/syscall/mod.ts";
import { needs } from "../support/needs.ts";
import { COMM_LENGTH, Stage, TOP, until } from "./stage.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

function foundTarget(discovery: Discovery): Target {
  assert.ok(discovery.found, "reason" in discovery ? discovery.reason : "");
  return discovery.target;
}

/** The inode number as another program sees it. */
function inodeOf(path: string): bigint {
  const { stdout } = new Deno.Command("stat", { args: ["-c", "%i", path] }).outputSync();
  return BigInt(new TextDecoder().decode(stdout).trim());
}

function liveTest(name: string, body: (stage: Stage) => Promise<void>): void {
  Deno.test(needs(["root", "cgroup2"], name, async () => {
    await using stage = new Stage();
    await body(stage);
  }));
}

liveTest("discoverTarget() finds a process by prefix, with the id and level of its cgroup", async (stage) => {
  const pid = await stage.start("-database");
  const target = foundTarget(discoverTarget({ commPrefix: stage.prefix }));
  assert.equal(target.mode, "full");
  assert.equal(target.process?.pid, pid);
  assert.equal(target.process?.comm, `${stage.prefix}-database`.slice(0, COMM_LENGTH));
  assert.deepEqual(target.cgroup, { path: stage.cgroup, id: inodeOf(stage.cgroup), level: 1 });
  assert.deepEqual(target.others, []);
  assert.equal(targetState(target), "running");
});

liveTest("discoverTarget() tells the level of nested cgroups", async (stage) => {
  const child = stage.makeCgroup(`${stage.cgroup}/pod`);
  const grandchild = stage.makeCgroup(`${child}/a b:c`);
  await stage.start("", grandchild);
  const target = foundTarget(discoverTarget({ commPrefix: stage.prefix }));
  assert.deepEqual(target.cgroup, { path: grandchild, id: inodeOf(grandchild), level: 3 });
});

liveTest("discoverTarget() takes the oldest match and lists the others", async (stage) => {
  const pids: number[] = [];
  for (const suffix of ["z", "a", "m"]) pids.push(await stage.start(suffix));
  const target = foundTarget(discoverTarget({ commPrefix: stage.prefix }));
  const ages = [target.process!, ...target.others].map((process) => process.startTime);
  assert.deepEqual([target.process!, ...target.others].map((process) => process.pid), pids);
  assert.deepEqual(ages, ages.toSorted((a, b) => a < b ? -1 : a > b ? 1 : 0));
  assert.equal(foundTarget(discoverTarget({ commPrefix: `${stage.prefix}m` })).process?.pid, pids[2]);
});

liveTest("discoverTarget() never filters by the root cgroup", async (stage) => {
  await stage.start("", TOP);
  const target = foundTarget(discoverTarget({ commPrefix: stage.prefix }));
  assert.equal(target.mode, "degraded");
  assert.equal(target.cgroup, undefined);
  assert.match(
    target.reason,
    /it is in the root cgroup, which holds every process; start it in a separate cgroup/,
  );
  assert.equal(targetState(target), "running");
  assert.throws(
    () => discoverTarget({ commPrefix: stage.prefix, cgroupPath: TOP }),
    /it is the root cgroup, which holds every process; name a directory below /,
  );
});

liveTest("discoverTarget() never filters by a cgroup that holds the agent", async (stage) => {
  const inner = stage.makeCgroup(`${stage.cgroup}/agent`);
  const before = `${TOP}${parseCgroupMembership(readTextFile("/proc/self/cgroup"))!.path}`;
  await stage.start("");
  writeTextFile(`${inner}/cgroup.procs`, String(processId()));
  try {
    const target = foundTarget(discoverTarget({ commPrefix: stage.prefix }));
    assert.equal(target.mode, "degraded");
    assert.ok(
      target.reason.includes(`it shares ${stage.cgroup} with the agent; start it in a separate cgroup`),
    );
  } finally {
    writeTextFile(`${before}/cgroup.procs`, String(processId()));
  }
});

liveTest("listProcesses() passes over a zombie", async (stage) => {
  const pid = spawn(stage.program(""), ["sleep", "0"], []);
  try {
    await until(`${pid} being a zombie`, () => /\) Z /.test(readTextFile(`/proc/${pid}/stat`)));
    assert.equal(readTextFile(`/proc/${pid}/comm`), `${stage.prefix}\n`);
    assert.deepEqual(listProcesses(encodeCommPrefix(stage.prefix)), []);
  } finally {
    sendSignal(pid, Signal.SIGKILL);
    await until(`end of ${pid}`, () => childState(pid).state !== "running");
  }
});

liveTest("listProcesses() passes over this process, whatever its comm", async (stage) => {
  const comm = readTextFile("/proc/self/comm").trimEnd();
  writeTextFile("/proc/self/comm", stage.prefix);
  try {
    assert.equal(readTextFile(`/proc/${processId()}/comm`), `${stage.prefix}\n`);
    assert.deepEqual(listProcesses(encodeCommPrefix(stage.prefix)), []);
    const pid = await stage.start("");
    assert.deepEqual(listProcesses(encodeCommPrefix(stage.prefix)).map((process) => process.pid), [pid]);
  } finally {
    writeTextFile("/proc/self/comm", comm);
  }
});

liveTest("isRunning() is false once the process has ended or its pid names another", async (stage) => {
  const pid = await stage.start("");
  const [process] = listProcesses(encodeCommPrefix(stage.prefix));
  assert.equal(isRunning(process!), true);
  assert.equal(isRunning({ ...process!, startTime: process!.startTime - 1n }), false);
  await stage.stop(pid);
  assert.equal(isRunning(process!), false);
});

liveTest("discoverTarget() takes the configured cgroup, absolute or relative to the mount", async (stage) => {
  const pid = await stage.start("");
  const expected = { path: stage.cgroup, id: inodeOf(stage.cgroup), level: 1 };
  const name = stage.cgroup.slice(TOP.length + 1);
  for (const cgroupPath of [stage.cgroup, `${stage.cgroup}/`, name, `./${name}/../${name}`]) {
    const target = foundTarget(discoverTarget({ commPrefix: stage.prefix, cgroupPath }));
    assert.deepEqual(target.cgroup, expected, cgroupPath);
    assert.equal(target.process?.pid, pid);
  }
});

liveTest("discoverTarget() follows a symbolic link to the configured cgroup", async (stage) => {
  await stage.start("");
  const link = `${stage.directory}/link`;
  await Deno.symlink(stage.cgroup, link);
  const target = foundTarget(discoverTarget({ commPrefix: stage.prefix, cgroupPath: link }));
  assert.equal(target.cgroup?.path, stage.cgroup);
  assert.equal(target.cgroup?.level, 1);
});

liveTest("discoverTarget() takes a configured cgroup whose processes are below it", async (stage) => {
  const child = stage.makeCgroup(`${stage.cgroup}/container`);
  const inside = await stage.start("", child);
  const target = foundTarget(discoverTarget({ commPrefix: stage.prefix, cgroupPath: stage.cgroup }));
  assert.equal(target.cgroup?.path, stage.cgroup);
  assert.equal(target.process?.pid, inside);
});

liveTest("discoverTarget() leaves out matches that are not in the configured cgroup", async (stage) => {
  const sibling = stage.makeCgroup(`${stage.cgroup}-b`);
  await stage.start("old", sibling);
  const options = { commPrefix: stage.prefix, cgroupPath: stage.cgroup };
  assert.deepEqual(discoverTarget(options), {
    found: false,
    reason: `cgroup ${stage.cgroup} holds no process`,
  });
  const pid = await stage.start("new");
  const target = foundTarget(discoverTarget(options));
  assert.equal(target.process?.pid, pid);
  assert.deepEqual(target.others, []);
  const other = foundTarget(discoverTarget({ commPrefix: "no-such-comm", cgroupPath: stage.cgroup }));
  assert.equal(other.process, undefined);
  assert.equal(targetState(other), "running");
  await stage.stop(pid);
  await until("an empty cgroup", () => !cgroupIsPopulated(other.cgroup as MountedCgroup));
  assert.equal(targetState(other), "stopped");
});

liveTest(
  "targetState() is stopped while the cgroup stays, and a restart finds the same one",
  async (stage) => {
    const pid = await stage.start("");
    const before = foundTarget(discoverTarget({ commPrefix: stage.prefix }));
    await stage.stop(pid);
    assert.equal(targetState(before), "stopped");
    assert.equal(discoverTarget({ commPrefix: stage.prefix }).found, false);
    await stage.start("");
    const after = foundTarget(discoverTarget({ commPrefix: stage.prefix }));
    assert.notEqual(after.process?.pid, before.process?.pid);
    assert.deepEqual(after.cgroup, before.cgroup);
  },
);

liveTest(
  "targetState() is stopped when the process moves to another cgroup, not to one below",
  async (stage) => {
    const below = stage.makeCgroup(`${stage.cgroup}/below`);
    const beside = stage.makeCgroup(`${stage.cgroup}-b`);
    const pid = await stage.start("");
    const target = foundTarget(discoverTarget({ commPrefix: stage.prefix }));
    writeTextFile(`${below}/cgroup.procs`, String(pid));
    assert.equal(targetState(target), "running");
    writeTextFile(`${beside}/cgroup.procs`, String(pid));
    assert.equal(targetState(target), "stopped");
  },
);

liveTest(
  "targetState() is gone when the cgroup is removed, also if one of its name is made anew",
  async (stage) => {
    const container = `${stage.cgroup}/container`;
    stage.makeCgroup(container);
    const pid = await stage.start("", container);
    const target = foundTarget(discoverTarget({ commPrefix: stage.prefix }));
    await stage.stop(pid);
    await stage.removeCgroup(container);
    assert.equal(targetState(target), "gone");
    assert.equal(cgroupIsPopulated(target.cgroup as MountedCgroup), false);
    stage.makeCgroup(container);
    assert.equal(targetState(target), "gone");
  },
);

liveTest("targetState() is stopped when a process without a cgroup has ended", async (stage) => {
  const pid = await stage.start("", TOP);
  const target = foundTarget(discoverTarget({ commPrefix: stage.prefix }));
  await stage.stop(pid);
  assert.equal(targetState(target), "stopped");
});

liveTest("resolveCgroupPath() rejects what is no cgroup directory below the mount", async (stage) => {
  await stage.start("");
  const mounts = mountsOfType("cgroup2");
  const cases: readonly [path: string, fault: RegExp][] = [
    [`${stage.cgroup}/no-such`, /: it does not exist; name a directory below /],
    [`${stage.cgroup}/cgroup.procs`, /: it is not a directory; /],
    [`${TOP}/..`, /: it is not on a cgroup2 file system; /],
    ["..", /: it is not on a cgroup2 file system; /],
    [`${stage.cgroup}/..`, /: it is the root cgroup, /],
  ];
  for (const [path, message] of cases) {
    assert.throws(() => resolveCgroupPath(path, mounts), { name: "CgroupPathError", path, message });
  }
});

liveTest(
  "resolveMembership() adds the level of a mount that shows a part of the hierarchy",
  async (stage) => {
    const pod = stage.makeCgroup(`${stage.cgroup}/pod`);
    await stage.start("", pod);
    const root = stage.cgroup.slice(TOP.length);
    const bind = { id: 1, parentId: 0, root, mountPoint: stage.cgroup, fsType: "cgroup2" };
    const { cgroup } = resolveMembership({ path: `${root}/pod`, isDeleted: false }, [bind]);
    assert.deepEqual(cgroup, { path: pod, id: inodeOf(pod), level: 2 });
  },
);

Deno.test("pidNamespace() agrees with the link that /proc shows", () => {
  const inode = BigInt(/\d+/.exec(Deno.readLinkSync("/proc/self/ns/pid"))![0]);
  const namespace = pidNamespace();
  assert.equal(namespace?.inode, inode === 0xeffffffcn ? undefined : inode);
});
