/** A guest's first program and the files it needs. @module */
import type { Entry } from "../image/cpio.ts";
import { GUEST_BUNDLE, GUEST_DENO_DIR, GUEST_OBJECTS, GUEST_PROJECT } from "../image/project.ts";
import type { Module } from "../kernel/modules.ts";
import { endMark } from "./marks.ts";
import { type GuestSetup, quote, setupCommands } from "./setup.ts";

/** Where a guest's disk is mounted; tests find it in `KTM_SCRATCH`. */
const SCRATCH = "/scratch";

/** Ports of the virtual serial device, by the numbers that {@linkcode emulatorArguments} gives them. */
const OUTPUT_PORT = "/dev/vport0p1";
const STATUS_PORT = "/dev/vport0p2";

/** As in Debian: everything is below `/usr`. */
const LINKS: readonly Entry[] = [
  ...["bin", "lib", "lib64", "sbin"].map((path) => ({ kind: "link" as const, path, target: `usr/${path}` })),
  { kind: "link", path: "usr/sbin", target: "bin" },
];

const FOLDERS = [
  "dev",
  "proc",
  "root",
  "run",
  "sys",
  "tests",
  "tmp",
  SCRATCH.slice(1),
  "usr/bin",
  "usr/lib",
  "usr/lib64",
];

const FILES: Readonly<Record<string, string>> = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  "etc/group": "root:x:0:\nnogroup:x:65534:\n",
  "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
};

const ENVIRONMENT: Readonly<Record<string, string>> = {
  DENO_DIR: GUEST_DENO_DIR,
  DENO_NO_UPDATE_CHECK: "1",
  HOME: "/root",
  KTM_BUNDLE: GUEST_BUNDLE,
  KTM_OBJECTS: GUEST_OBJECTS,
  KTM_SCRATCH: SCRATCH,
  KTM_SLOWNESS: "5",
  NO_COLOR: "1",
  PATH: "/usr/bin",
};

const MOUNTS = [
  "mount -t sysfs sysfs /sys",
  "mount -t devtmpfs devtmpfs /dev",
  "mkdir -p /dev/pts /dev/shm",
  "mount -t devpts devpts /dev/pts",
  "mount -t tmpfs tmpfs /dev/shm",
  "mount -t tmpfs tmpfs /run",
];

/** A device appears some time after its driver, and nothing in the guest listens to the kernel's announcement. */
function waitFor(device: string): string {
  return `until [ -e ${device} ]; do usleep 1000; done`;
}

/** Where a module is in the guest. */
function modulePath({ name }: Module): string {
  return `modules/${name}.ko`;
}

/** Where the scripts of a test are in the guest. */
function testPath(index: number, script: "setup" | "command"): string {
  return `tests/${index}.${script}`;
}

/** One test with mounts of its own; its state's way in is on the console. */
function testCommands(index: number): string[] {
  const enter = `sh -ex /${testPath(index, "setup")} >/dev/console 2>&1`;
  return [
    `unshare -m sh -c '${enter} || exit 125; exec sh /${
      testPath(index, "command")
    }' && status=0 || status=$?`,
    `printf '${endMark(index, "%s", "%s")}' $status "$(cut -d' ' -f1 /proc/uptime)"`,
  ];
}

/** A step that fails ends the script, which makes the kernel panic right below the step on the console. */
function initScript(modules: readonly Module[], tests: number): string {
  return [
    "#!/usr/bin/busybox sh",
    "set -ex",
    ...Object.entries(ENVIRONMENT).map(([name, value]) => `export ${name}=${value}`),
    "/usr/bin/busybox mount -t proc proc /proc",
    // What is there already, because the guest has a better one, is not replaced.
    "/usr/bin/busybox --install -s /usr/bin 2>/run/install.log",
    ...MOUNTS,
    ...modules.map((module) => `insmod /${modulePath(module)}`),
    "ip link set lo up",
    "hostname ktm",
    waitFor("/dev/vda"),
    `mount -t ext4 /dev/vda ${SCRATCH}`,
    waitFor(STATUS_PORT),
    "set +x",
    "{",
    ...Array.from({ length: tests }, (_, index) => testCommands(index)).flat(),
    // Through a pipe: a port can be opened only once, also by way of /dev/stdout.
    `} 2>&1 </dev/null | cat >${OUTPUT_PORT}`,
    `echo done >${STATUS_PORT}`,
    "poweroff -f",
    "",
  ].join("\n");
}

function text(path: string, content: string): Entry {
  return { kind: "file", path, data: new TextEncoder().encode(content) };
}

/**
 * Gives the skeleton of a guest's file system; the programs lie in the folders that it has.
 */
export function guestSkeleton(): Entry[] {
  return [
    ...FOLDERS.map((path) => ({ kind: "folder" as const, path })),
    ...LINKS,
    // The kernel opens it for the first program, before anything is mounted.
    { kind: "device", path: "dev/console", major: 5, minor: 1 },
    ...Object.entries(FILES).map(([path, content]) => text(path, content)),
  ];
}

/** Something that a guest does. */
export interface GuestCommand {
  /** The state that it finds; a usual machine's unless given. */
  readonly setup?: GuestSetup;
  /** A program and its arguments; it runs in the project's folder. */
  readonly command: readonly string[];
}

function commandEntries({ setup = {}, command }: GuestCommand, index: number): Entry[] {
  const [program = "true", ...args] = command;
  // By its path, because busybox would prefer its own program of the same name.
  const path = program.includes("/") ? program : `/usr/bin/${program}`;
  return [
    text(testPath(index, "setup"), setupCommands(setup).map((line) => `${line}\n`).join("")),
    text(
      testPath(index, "command"),
      `cd ${GUEST_PROJECT} && exec ${[path, ...args].map(quote).join(" ")}\n`,
    ),
  ];
}

/**
 * Gives the files of one guest: its first program, modules and what it does.
 *
 * @param modules in the order in which they are loaded
 * @param commands one after the other
 */
export function guestPlanEntries(modules: readonly Module[], commands: readonly GuestCommand[]): Entry[] {
  const init = new TextEncoder().encode(initScript(modules, commands.length));
  return [
    { kind: "file", path: "init", data: init, executable: true },
    ...commands.flatMap(commandEntries),
    ...modules.map((module) => ({ kind: "file" as const, path: modulePath(module), data: module.data })),
  ];
}
