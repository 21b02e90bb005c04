import assert from "node:assert/strict";
import { Errno, processId, SyscallError } from "../syscall/mod.ts";
import { listProcesses, parseCgroupMembership, parseProcessStatus, type ProcFiles } from "./proc.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

function statText(
  pid: number,
  comm: string,
  state: string,
  flags: number,
  startTime: bigint,
  threads = 1,
): string {
  return `${pid} (${comm}) ${state} 1 ${pid} ${pid} 0 -1 ${flags} 1842 0 3 0 12 7 0 0 20 0 ${threads} 0 ${startTime} ` +
    "1284964352 5120 18446744073709551615 4194304 5230592 140725 0 0 0 0 4096 1260 0 0 0 17 1 0 0 0 0 0\n";
}

const PF_NOFREEZE_KTHREAD = 2129984;
const PF_RANDOMIZE = 4194304;

Deno.test("parseProcessStatus() reads state, kernel thread and start time", () => {
  assert.deepEqual(parseProcessStatus(statText(812, "banyand-server", "S", PF_RANDOMIZE, 4213n)), {
    isKernelThread: false,
    hasEnded: false,
    startTime: 4213n,
  });
  assert.equal(
    parseProcessStatus(statText(2, "kthreadd", "S", PF_NOFREEZE_KTHREAD, 0n)).isKernelThread,
    true,
  );
});

Deno.test("parseProcessStatus() keeps a start time past 2^53 exact", () => {
  const status = parseProcessStatus(statText(7, "x", "R", 0, 18446744073709551615n));
  assert.equal(status.startTime, 18446744073709551615n);
});

Deno.test("parseProcessStatus() is not misled by spaces and parentheses in comm", () => {
  for (const comm of ["a b", "a) Z 1 (b", ") Z", "((", ""]) {
    const status = parseProcessStatus(statText(9, comm, "S", 0, 77n));
    assert.deepEqual(status, { isKernelThread: false, hasEnded: false, startTime: 77n }, comm);
  }
});

Deno.test("parseProcessStatus() takes zombies and dead processes for ended", () => {
  const ended = ["R", "S", "D", "T", "t", "I", "Z", "X", "x"]
    .filter((state) => parseProcessStatus(statText(9, "x", state, 0, 1n)).hasEnded);
  assert.deepEqual(ended, ["Z", "X", "x"]);
});

Deno.test("parseProcessStatus() takes a process whose main thread has ended for running while it has others", () => {
  const hasEnded = (state: string, threads: number) =>
    parseProcessStatus(statText(9, "x", state, 0, 1n, threads)).hasEnded;
  assert.equal(hasEnded("Z", 2), false);
  assert.equal(hasEnded("Z", 1), true);
  assert.equal(hasEnded("X", 2), true);
});

Deno.test("parseProcessStatus() rejects a text that is cut short", () => {
  assert.throws(() => parseProcessStatus("9 (x) S 1 2"), {
    name: "SyntaxError",
    message: /field 9 is missing$/,
  });
});

const POD = "8f2c7d34_11aa_4c5e_9d0b_5a0c7fe19b11";
const POD_DASHES = POD.replaceAll("_", "-");
const CONTAINER = "4be7a1f0c9d84e6f9a3b2c1d0e5f60718293a4b5c6d7e8f9010203040506070a";

const V1_LINES = `\
12:memory:/kubepods/burstable/pod${POD_DASHES}/${CONTAINER}
3:cpu,cpuacct:/kubepods/burstable/pod${POD_DASHES}/${CONTAINER}
1:name=systemd:/kubepods/burstable/pod${POD_DASHES}/${CONTAINER}
`;

/** What `0::` says where, as the kernel prints it. */
const MEMBERSHIPS: readonly [where: string, path: string][] = [
  ["a systemd unit", "/system.slice/banyandb.service"],
  ["a unit of a template", "/system.slice/system-banyandb.slice/banyandb@data\\x2d0.service"],
  ["a unit with a slice of its own", "/databases.slice/databases-hot.slice/banyandb.service"],
  ["a unit that delegates to a cgroup below", "/system.slice/banyandb.service/workers"],
  ["a user's session", "/user.slice/user-1000.slice/session-3.scope"],
  ["a user's unit", "/user.slice/user-1000.slice/user@1000.service/app.slice/banyandb.service"],
  ["a transient unit", "/system.slice/run-r6a1f2c0d9e7b4f3a8c5d.scope"],
  ["docker, systemd driver", `/system.slice/docker-${CONTAINER}.scope`],
  ["docker, cgroupfs driver", `/docker/${CONTAINER}`],
  ["podman", `/machine.slice/libpod-${CONTAINER}.scope/container`],
  [
    "podman without root",
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${CONTAINER}.scope/container`,
  ],
  [
    "Kubernetes, systemd driver, containerd, guaranteed",
    `/kubepods.slice/kubepods-pod${POD}.slice/cri-containerd-${CONTAINER}.scope`,
  ],
  [
    "Kubernetes, systemd driver, containerd, best effort",
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${POD}.slice/cri-containerd-${CONTAINER}.scope`,
  ],
  [
    "Kubernetes, systemd driver, CRI-O, burstable",
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD}.slice/crio-${CONTAINER}.scope`,
  ],
  [
    "Kubernetes, systemd driver, docker, burstable",
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD}.slice/docker-${CONTAINER}.scope`,
  ],
  [
    "Kubernetes, systemd driver, below a root of the kubelet's own",
    `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod${POD}.slice/cri-containerd-${CONTAINER}.scope`,
  ],
  [
    "Kubernetes, kubelet and containerd of two minds about the driver",
    `/system.slice/containerd.service/kubepods-burstable-pod${POD}.slice:cri-containerd:${CONTAINER}`,
  ],
  ["Kubernetes, cgroupfs driver, CRI-O", `/kubepods/burstable/pod${POD_DASHES}/crio-${CONTAINER}`],
  [
    "Kubernetes, systemd driver, containerd, burstable",
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD}.slice/cri-containerd-${CONTAINER}.scope`,
  ],
  [
    "Kubernetes, systemd driver, CRI-O, best effort",
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${POD}.slice/crio-${CONTAINER}.scope`,
  ],
  [
    "Kubernetes, systemd driver, CRI-O with crun, guaranteed",
    `/kubepods.slice/kubepods-pod${POD}.slice/crio-${CONTAINER}.scope/container`,
  ],
  ["Kubernetes, cgroupfs driver, guaranteed", `/kubepods/pod${POD_DASHES}/${CONTAINER}`],
  ["Kubernetes, cgroupfs driver, burstable", `/kubepods/burstable/pod${POD_DASHES}/${CONTAINER}`],
  ["Kubernetes, cgroupfs driver, best effort", `/kubepods/besteffort/pod${POD_DASHES}/${CONTAINER}`],
  ["a cgroup namespace, from inside", "/"],
  ["a cgroup namespace, a sibling container", `/../cri-containerd-${CONTAINER}.scope`],
  ["a cgroup namespace, the host", "/../../../../init.scope"],
  ["a cgroup namespace, another pod", `/../../pod${POD_DASHES}/${CONTAINER}`],
  ["a name with a colon and a space", "/a:b/c d"],
];

for (const [where, path] of MEMBERSHIPS) {
  Deno.test(`parseCgroupMembership() reads the cgroup v2 line of ${where}`, () => {
    assert.deepEqual(parseCgroupMembership(`0::${path}\n`), { path, isDeleted: false });
    assert.deepEqual(parseCgroupMembership(`${V1_LINES}0::${path}\n`), { path, isDeleted: false });
  });
}

Deno.test("parseCgroupMembership() tells a removed cgroup apart", () => {
  assert.deepEqual(parseCgroupMembership("0::/system.slice/banyandb.service (deleted)\n"), {
    path: "/system.slice/banyandb.service",
    isDeleted: true,
  });
});

Deno.test("parseCgroupMembership() is undefined where only cgroup v1 runs", () => {
  assert.equal(parseCgroupMembership(V1_LINES), undefined);
});

/** A `/proc` with these files; what is missing fails as the errno says. */
function procOf(files: Readonly<Record<string, string | number>>, self?: string): ProcFiles {
  const read = (path: string): string => {
    const content = files[path] ?? Errno.ENOENT;
    if (typeof content === "number") throw new SyscallError(`open ${path}`, "open", content);
    return content;
  };
  const pids = new Set(Object.keys(files).map((path) => path.split("/")[2]!));
  return {
    readDirectory: () => [...pids, "cpuinfo", "self", "1x"],
    readFile: (path) => new TextEncoder().encode(read(path)),
    readLink: (path) => self ?? read(path),
  };
}

function processFiles(pid: number, comm: string, state: string, flags: number, startTime: bigint) {
  return {
    [`/proc/${pid}/comm`]: `${comm}\n`,
    [`/proc/${pid}/stat`]: statText(pid, comm, state, flags, startTime),
  };
}

const BANYAND = new TextEncoder().encode("banyand");

function pidsOf(files: ProcFiles, prefix: Uint8Array = BANYAND): number[] {
  return listProcesses(prefix, files).map((process) => process.pid);
}

Deno.test("listProcesses() lists the matches oldest first and, of one age, lowest pid first", () => {
  const files = procOf({
    ...processFiles(40, "banyand", "S", 0, 900n),
    ...processFiles(31, "banyand-server", "S", 0, 500n),
    ...processFiles(30, "banyand", "R", 0, 500n),
    ...processFiles(1000, "banyand", "S", 0, 90n),
    ...processFiles(41, "deno", "S", 0, 1n),
  });
  assert.deepEqual(pidsOf(files), [1000, 30, 31, 40]);
  assert.deepEqual(listProcesses(BANYAND, files)[2], { pid: 31, comm: "banyand-server", startTime: 500n });
});

Deno.test("listProcesses() leaves out kernel threads, zombies, dead processes and itself", () => {
  const files = procOf({
    ...processFiles(10, "banyand", "S", PF_NOFREEZE_KTHREAD, 1n),
    ...processFiles(11, "banyand", "Z", 0, 1n),
    ...processFiles(12, "banyand", "X", 0, 1n),
    ...processFiles(13, "banyand", "S", 0, 1n),
    ...processFiles(14, "banyand", "S", 0, 1n),
  }, "13");
  assert.deepEqual(pidsOf(files), [14]);
});

Deno.test("listProcesses() takes the prefix literally, byte for byte", () => {
  const files = procOf({
    ...processFiles(10, "b.nyand", "S", 0, 1n),
    ...processFiles(11, "banyand", "S", 0, 2n),
    ...processFiles(12, "xbanyand", "S", 0, 3n),
    ...processFiles(13, "Banyand", "S", 0, 4n),
    ...processFiles(14, "banyan", "S", 0, 5n),
  });
  assert.deepEqual(pidsOf(files), [11]);
  assert.deepEqual(pidsOf(files, new TextEncoder().encode("b.")), [10]);
  assert.deepEqual(pidsOf(files, new TextEncoder().encode("banyan\n")), []);
});

Deno.test("listProcesses() passes over processes that vanish or cannot be read", () => {
  const errnos = [Errno.ENOENT, Errno.ESRCH, Errno.EACCES, Errno.EPERM];
  const files: Record<string, string | number> = { ...processFiles(99, "banyand", "S", 0, 1n) };
  for (const [index, errno] of errnos.entries()) {
    files[`/proc/${10 + index}/comm`] = errno;
    files[`/proc/${20 + index}/comm`] = "banyand\n";
    files[`/proc/${20 + index}/stat`] = errno;
  }
  assert.deepEqual(pidsOf(procOf(files)), [99]);
});

Deno.test("listProcesses() passes on an error that is not about the process", () => {
  const files = procOf({ "/proc/10/comm": 24 });
  assert.throws(() => listProcesses(BANYAND, files), { name: "SyscallError", code: "EMFILE" });
});
