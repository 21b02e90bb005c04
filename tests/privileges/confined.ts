/**
 * A program that gives up its privileges, and then tries what it may not: it prints a JSON object with the outcome of
 * each try, 0 or the error number, before and after.
 *
 * Arguments: a directory of root's; the number of a process.
 *
 * @module
 */
import { capabilitySetOf, dropPrivileges, openFile, OpenFlag, writeAll } from "../../src/syscall/mod.ts";

const [directory, process] = Deno.args as [string, string];

const LIBC = { x86_64: "/lib/x86_64-linux-gnu/libc.so.6", aarch64: "/lib/aarch64-linux-gnu/libc.so.6" };
const { symbols: libc } = Deno.dlopen(LIBC[Deno.build.arch], {
  __errno_location: { parameters: [], result: "pointer" },
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  mkdir: { parameters: ["buffer", "u32"], result: "i32" },
  rename: { parameters: ["buffer", "buffer"], result: "i32" },
  link: { parameters: ["buffer", "buffer"], result: "i32" },
  symlink: { parameters: ["buffer", "buffer"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
  rmdir: { parameters: ["buffer"], result: "i32" },
  chmod: { parameters: ["buffer", "u32"], result: "i32" },
  chown: { parameters: ["buffer", "u32", "u32"], result: "i32" },
  truncate: { parameters: ["buffer", "i64"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  kill: { parameters: ["i32", "i32"], result: "i32" },
  prlimit: { parameters: ["i32", "i32", "buffer", "buffer"], result: "i32" },
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
  // The same in another thread: one of those that the runtime has started before.
  open_elsewhere: { name: "open", parameters: ["buffer", "i32", "u32"], result: "i32", nonblocking: true },
});

const path = (name: string) => new TextEncoder().encode(`${directory}/${name}\0`);
const absolute = (name: string) => new TextEncoder().encode(`${name}\0`);

function errno(): number {
  return new Deno.UnsafePointerView(libc.__errno_location()!).getInt32();
}

/** Source: `include/uapi/asm-generic/resource.h`. */
const RLIMIT_CORE = 4;
const limit = new Uint8Array(16);

/** Source: `include/linux/socket.h`, `include/linux/net.h`. */
const [AF_UNIX, AF_INET, SOCK_STREAM] = [1, 2, 1];

/** Each works on files of its own, which there are for both times. */
const TRIES: Readonly<Record<string, (time: string) => number>> = {
  "open to write": (time) => libc.open(path(`${time}-a`), OpenFlag.WRONLY, 0),
  "open to truncate": (time) => libc.open(path(`${time}-a`), OpenFlag.TRUNC, 0),
  create: (time) => libc.open(path(`${time}-new`), OpenFlag.WRONLY | OpenFlag.CREAT, 0o600),
  mkdir: (time) => libc.mkdir(path(`${time}-made`), 0o700),
  rename: (time) => libc.rename(path(`${time}-b`), path(`${time}-renamed`)),
  link: (time) => libc.link(path(`${time}-a`), path(`${time}-link`)),
  symlink: (time) => libc.symlink(path("x"), path(`${time}-symlink`)),
  chmod: (time) => libc.chmod(path(`${time}-a`), 0o777),
  chown: (time) => libc.chown(path(`${time}-a`), 0, 0),
  truncate: (time) => libc.truncate(path(`${time}-a`), 0n),
  unlink: (time) => libc.unlink(path(`${time}-a`)),
  rmdir: (time) => libc.rmdir(path(`${time}-directory`)),
  "signal another process": () => libc.kill(Number(process), 0),
  "limit another process": () => libc.prlimit(Number(process), RLIMIT_CORE, null, limit),
  "socket of a path": () => libc.socket(AF_UNIX, SOCK_STREAM, 0),
  "socket of the network": () => libc.socket(AF_INET, SOCK_STREAM, 0),
  "signal itself": () => libc.kill(Deno.pid, 0),
  "read what is needed": () => libc.open(absolute("/proc/self/stat"), OpenFlag.RDONLY, 0),
  "read a listed directory": () => libc.open(path("listed/x"), OpenFlag.RDONLY, 0),
  "read another file": () => libc.open(path("secret"), OpenFlag.RDONLY, 0),
};

function tryAll(time: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(TRIES).map(([name, attempt]) => [name, attempt(time) < 0 ? errno() : 0]),
  );
}

for (const time of ["before", "after"]) {
  Deno.mkdirSync(`${directory}/${time}-directory`);
  for (const name of ["a", "b"]) Deno.writeTextFileSync(`${directory}/${time}-${name}`, "something");
}
Deno.mkdirSync(`${directory}/listed`);
Deno.writeTextFileSync(`${directory}/listed/x`, "");
Deno.writeTextFileSync(`${directory}/secret`, "", { mode: 0o600 });
const openElsewhere = () => libc.open_elsewhere(path("elsewhere"), OpenFlag.WRONLY | OpenFlag.CREAT, 0o600);
const isOpenElsewhere = await openElsewhere() >= 0;
using held = openFile(`${directory}/held`, OpenFlag.WRONLY | OpenFlag.CREAT);

const before = tryAll("before");
const outcome = dropPrivileges({
  capabilities: capabilitySetOf(["CAP_BPF", "CAP_PERFMON"]),
  calls: [],
  read: ["/proc", `${directory}/listed`, `${directory}/missing`],
  remove: [],
});
const after = tryAll("after");
writeAll(held, new TextEncoder().encode("held"), "held");
const elsewhere = { before: isOpenElsewhere, after: await openElsewhere() >= 0 };
const PR_GET_DUMPABLE = 3;
const dumpable = libc.prctl(PR_GET_DUMPABLE, 0n, 0n, 0n, 0n);
console.log(
  JSON.stringify({ before, after, elsewhere, dumpable, outcome: { ...outcome, dropped: undefined } }),
);
