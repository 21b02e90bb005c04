/** What a program can still do after it has given up its privileges as the agent does. */
import assert from "node:assert/strict";
import type { DroppedPrivileges } from "../../src/syscall/mod.ts";
import { output } from "../support/child.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";

/** Source: `man 3 errno`. */
const [EPERM, EACCES] = [1, 13];

const CONFINED = new URL("confined.ts", import.meta.url).pathname;

/** What root can do, and what stays of it with the filter alone; `with Landlock` what then stays. */
const EXPECTED: Readonly<Record<string, { readonly alone: number; readonly withLandlock?: number }>> = {
  "open to write": { alone: EPERM },
  "open to truncate": { alone: EPERM },
  create: { alone: EPERM },
  mkdir: { alone: EPERM },
  rename: { alone: EPERM },
  link: { alone: EPERM },
  symlink: { alone: EPERM },
  chmod: { alone: EPERM },
  chown: { alone: EPERM },
  truncate: { alone: EPERM },
  unlink: { alone: EPERM },
  rmdir: { alone: EPERM },
  "signal another process": { alone: EPERM },
  "limit another process": { alone: EPERM },
  "socket of a path": { alone: EPERM },
  "socket of the network": { alone: 0 },
  "signal itself": { alone: 0 },
  "read what is needed": { alone: 0 },
  "read a listed directory": { alone: 0 },
  "read another file": { alone: 0, withLandlock: EACCES },
};

interface Report {
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  readonly elsewhere: { readonly before: boolean; readonly after: boolean };
  /** Whether processes of the same user can trace it: 1 if so (`man 2 PR_SET_DUMPABLE`). */
  readonly dumpable: number;
  readonly outcome: DroppedPrivileges;
}

async function confine(wrapper: readonly string[] = []): Promise<Report & { readonly held: string }> {
  await using directory = await temporaryDirectory();
  const deno = [Deno.execPath(), "run", "--quiet", "-A", CONFINED, directory.path, String(Deno.pid)];
  const [program, ...args] = [...wrapper, ...deno];
  const { code, stdout, stderr } = await output(program!, ...args);
  assert.equal(code, 0, stderr);
  return { ...JSON.parse(stdout), held: await Deno.readTextFile(directory.file("held")) };
}

function check(
  { before, after, elsewhere, dumpable, outcome, held }: Awaited<ReturnType<typeof confine>>,
): void {
  const hasLandlock = outcome.files.bound !== "none";
  for (const [name, { alone, withLandlock = alone }] of Object.entries(EXPECTED)) {
    assert.equal(before[name], 0, `${name}, before`);
    assert.equal(after[name], hasLandlock ? withLandlock : alone, `${name}, after`);
  }
  assert.deepEqual(Object.keys(after), Object.keys(EXPECTED));
  assert.deepEqual(elsewhere, { before: true, after: false });
  assert.equal(outcome.changesRefused, "all threads");
  assert.equal(outcome.noNewPrivileges, "all threads");
  assert.equal(held, "held");
  assert.equal(dumpable, 0);
}

Deno.test(
  needs(
    ["root"],
    "root without privileges changes no file, reads what it needs and keeps what is open",
    async () => {
      const report = await confine();
      check(report);
      assert.ok(report.outcome.otherThreads! >= 0x7000_0000);
    },
  ),
);

Deno.test(
  needs(["root", "setpriv"], "root that had no privilege but two is confined all the same", async () => {
    const report = await confine(["setpriv", "--bounding-set=-all,+bpf,+perfmon", "--inh-caps=-all"]);
    check(report);
    // Without CAP_SETUID.
    assert.equal(report.outcome.otherThreads, undefined);
  }),
);
