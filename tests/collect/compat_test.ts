/** A target that is a 32-bit program: nothing of it counts, and `check` says so. */
import assert from "node:assert/strict";
import { processId } from "../../src/syscall/mod.ts";
import { output } from "../support/child.ts";
import { ktm, ROOT } from "../support/ktm.ts";
import { LIVE_KERNEL, needs, unless } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Watch } from "../support/watch.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** Compiles tests/truth/ia32.c, which needs no 32-bit library. */
async function compile(path: string): Promise<void> {
  const flags = [
    "-m32",
    "-nostdlib",
    "-static",
    "-fno-pic",
    "-fno-stack-protector",
    "-O1",
    "-Wall",
    "-Werror",
  ];
  const { code, stderr } = await output(
    "cc",
    ...flags,
    "-o",
    path,
    new URL("tests/truth/ia32.c", ROOT).pathname,
  );
  assert.equal(code, 0, stderr);
}

Deno.test(unless(
  Deno.build.arch === "x86_64" ? undefined : "this architecture runs no i386 programs",
  needs([...LIVE_KERNEL, "cc"], "a 32-bit program counts as nothing, and check says so", async () => {
    await using stage = new Stage();
    const program = `${stage.directory}/${stage.prefix}`;
    await compile(program);
    {
      using watch = new Watch(stage.cgroup);
      watch.since();
      const child = stage.start(program, [], stage.cgroup);
      await child.said(/^done$/);
      const values = watch.since();
      for (const [series, value] of values) {
        // What starts it is a shell, which reads and has its pages added.
        if (/fadvise|_pread_.*(count|bytes|errors)/.test(series)) assert.equal(value, 0n, series);
      }
      assert.ok(values.get("ktm_sys_read_latency_seconds_count")! < 100n);
      assert.ok(values.get("ktm_sys_read_errors_total")! < 100n);
    }
    const { stdout, code } = await ktm(["check", "--json", "--comm-prefix", stage.prefix]);
    const { findings } = JSON.parse(stdout);
    const finding = findings.find(({ name }: { name: string }) => name === "target program");
    assert.equal(finding?.level, "note", stdout);
    assert.match(finding.detail, /is a 32-bit program: its system calls do not count/);
    assert.match(finding.remedy, /64-bit/);
    assert.equal(code, 0);
  }),
));
