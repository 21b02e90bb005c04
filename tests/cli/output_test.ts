/** Standard output that is full, is not read, or has no reader. */
import assert from "node:assert/strict";
import { ktm, startKtm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { until, within } from "../support/until.ts";

const INTO_FULL_DEVICE = ["sh", "-c", 'exec "$@" >/dev/full', "sh"] as const;

for (const args of [["--help"], ["--version"], ["check"], ["snapshot", "--duration", "1ms"], ["top"]]) {
  const name = `ktm ${args[0]} exits 1 and says why where standard output is full`;
  Deno.test(needs([...LIVE_KERNEL, "bash"], name, async () => {
    await using stage = new Stage();
    await stage.startStopped(stage.prefix, ":", stage.cgroup);
    const prefix = args[0]!.startsWith("-") ? [] : ["--comm-prefix", stage.prefix];
    const { code, stderr } = await ktm([...args, ...prefix], INTO_FULL_DEVICE);
    assert.equal(code, 1);
    assert.match(stderr, /^ktm: Cannot write to standard output: .*No space left on device/m);
    assert.doesNotMatch(stderr, /^ +at /m);
  }));
}

Deno.test(
  needs(["bash"], "ktm exits 0 and says nothing where standard output has no reader any more", async () => {
    // The reader has ended before the program starts.
    const script = 'exec 3> >(:); wait $!; exec "$@" >&3';
    const { code, stderr } = await ktm(["--help"], ["bash", "-c", script, "bash"]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
  }),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash", "python3"],
    "top ends by SIGTERM where its standard output is not read",
    async () => {
      await using stage = new Stage();
      await stage.startStopped(stage.prefix, ":", stage.cgroup);
      const fifo = `${stage.directory}/fifo`;
      // Opened for both, the pipe has no reader that reads; it is full after a page.
      const python = "import fcntl, os, sys; fd = os.open(sys.argv[1], os.O_RDWR); " +
        "fcntl.fcntl(fd, 1031, 4096); os.write(fd, b'.' * 4000); os.dup2(fd, 1); os.execvp(sys.argv[2], sys.argv[2:])";
      const made = await new Deno.Command("mkfifo", { args: [fifo] }).output();
      assert.equal(made.code, 0);
      const options = ["--interval", "20ms", "--comm-prefix", stage.prefix];
      await using top = startKtm(["top", ...options], ["python3", "-c", python, fifo]);
      await top.said(/Watching the target/);
      // Ten ticks: each writes a line, of which the pipe has room for none or one.
      const ticks = performance.now() + 200;
      await until("ten ticks", () => performance.now() > ticks);
      top.kill("SIGTERM");
      assert.equal((await within("end", 2000, top.outcome())).code, 0);
    },
  ),
);
