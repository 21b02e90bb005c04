/** The agent's log where standard error is full, is not read, or is gone. */
// Runs beside others.
import assert from "node:assert/strict";
import { Child, output } from "../support/child.ts";
import { valueOf } from "../support/exposition.ts";
import { ROOT, startKtm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { DEADLINE_MS, until, within } from "../support/until.ts";
import { ODD_STDERR } from "./odd_stderr.ts";

/** How long an agent that is asked to end may take (SIGTERM of Kubernetes is followed by SIGKILL). */
const END_MS = 2000;

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function collections(address: string): Promise<number | false> {
  try {
    const response = await within("answer", DEADLINE_MS, fetch(`${address}/metrics`));
    const text = await response.text();
    assert.notEqual(valueOf(text, "ktm_log_lines_dropped_total"), undefined);
    return valueOf(text, "ktm_collections_total") ?? false;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

for (const [kind, wrapper] of Object.entries(ODD_STDERR)) {
  Deno.test(
    needs(
      [...LIVE_KERNEL, "python3"],
      `run collects, answers and ends where standard error is ${kind}`,
      async () => {
        await using stage = new Stage();
        const address = `127.0.0.1:${freePort()}`;
        const options = ["--interval", "100ms", "--listen", address, "--comm-prefix", stage.prefix];
        await using agent = startKtm(["run", ...options], wrapper);
        const first = await until("collection", () => collections(`http://${address}`));
        // Each of these is a line.
        for (let count = 0; count < 3; count++) agent.kill("SIGHUP");
        await until(
          "later collection",
          async () => Number(await collections(`http://${address}`)) > first + 5,
        );
        agent.kill("SIGTERM");
        assert.equal((await within("end", END_MS, agent.outcome())).code, 0);
      },
    ),
  );
}

/** Starts a program that logs more than is kept, with this standard error. */
function startChatty(count: number, wrapper: readonly string[]): Child {
  const program = new URL("tests/sidecar/chatty.ts", ROOT).pathname;
  const [command, ...args] = [...wrapper, Deno.execPath(), "run", "--allow-ffi", program, String(count)];
  return new Child(command!, { args, stdin: "piped" });
}

/** The text of a file that may not be there yet. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** The numbers of the lines, and how many were dropped by what the log says. */
function toldIn(text: string): { readonly lines: readonly number[]; readonly dropped: number } {
  const lines = [...text.matchAll(/ DEBUG line line=(\d+)$/gm)].map(([, line]) => Number(line));
  const dropped = [...text.matchAll(/Log output resumed; (\d+) lines were dropped reason=/g)]
    .reduce((sum, [, count]) => sum + Number(count), 0);
  return { lines, dropped };
}

const LINES = 5000;

Deno.test(
  "The log says how many lines were dropped once its reader reads again, in the order of the lines",
  async () => {
    await using directory = await temporaryDirectory();
    const [fifo, told] = [directory.file("fifo"), directory.file("told")];
    assert.equal((await output("mkfifo", fifo)).code, 0);
    // Opened for both, it needs no reader.
    await using chatty = startChatty(LINES, ["sh", "-c", `exec "$@" 2<>${fifo} >${told}`, "sh"]);
    const hasTold = (times: number) => textOf(told).split("\n").length === times + 1;
    await until("end of the lines", () => hasTold(1));
    await using reader = new Child("cat", { args: [fifo] });
    await chatty.write("go\n");
    await until("further line", () => hasTold(2));
    await chatty.endInput();
    assert.equal((await chatty.outcome()).code, 0);
    const { stdout } = await reader.outcome();
    const { lines, dropped } = toldIn(stdout);
    assert.ok(dropped > 1000, `${dropped} dropped`);
    assert.equal(lines.length + dropped, LINES + Number(!stdout.includes("asked")));
    assert.deepEqual(lines, lines.map((_, index) => index + 1));
  },
);

Deno.test(needs(["root", "mount"], "The log goes on when a full disk has room again", async () => {
  await using directory = await temporaryDirectory();
  await using elsewhere = await temporaryDirectory();
  const { path } = directory;
  const mounted = await new Child("mount", { args: ["-t", "tmpfs", "-o", "size=1m", "tmpfs", path] })
    .outcome();
  assert.equal(mounted.code, 0, mounted.stderr);
  try {
    await Deno.writeFile(directory.file("ballast"), new Uint8Array(1020 * 1024));
    const [file, told] = [directory.file("log"), elsewhere.file("told")];
    await using chatty = startChatty(LINES, ["sh", "-c", `exec "$@" 2>>${file} >${told}`, "sh"]);
    await until("end of the lines", () => textOf(told) !== "");
    assert.doesNotMatch(textOf(file), /resumed/);
    await Deno.remove(directory.file("ballast"));
    await until("line after that", () => textOf(file).includes("Log output resumed"));
    await chatty.endInput();
    assert.equal((await chatty.outcome()).code, 0);
    const text = await Deno.readTextFile(file);
    assert.match(text, /reason=.*No space left on device/);
  } finally {
    await new Child("umount", { args: [path] }).outcome();
  }
}));

const DISK = ["root", "mount", "losetup", "mkfs.ext4"] as const;

Deno.test(
  needs([...LIVE_KERNEL, ...DISK], "run collects and answers where the disk of its log hangs", async () => {
    await using stage = new Stage();
    await using directory = await temporaryDirectory();
    await using stack = new AsyncDisposableStack();
    const [image, disk] = [directory.file("image"), directory.file("disk")];
    const run = async (program: string, ...args: readonly string[]) => {
      const { code, stderr } = await output(program, ...args);
      assert.equal(code, 0, stderr);
    };
    await Deno.mkdir(disk);
    await run("truncate", "--size=16M", image);
    await run("mkfs.ext4", "-q", "-F", image);
    await run("mount", "-o", "loop", image, disk);
    stack.defer(() => run("umount", disk));
    const port = freePort();
    const options = ["--interval", "100ms", "--listen", `127.0.0.1:${port}`, "--comm-prefix", stage.prefix];
    await using agent = startKtm(["run", ...options], ["sh", "-c", `exec "$@" 2>>${disk}/log`, "sh"]);
    const address = `http://127.0.0.1:${port}`;
    const first = await until("collection", () => collections(address));
    await run("fsfreeze", "--freeze", disk);
    try {
      for (let count = 0; count < 3; count++) agent.kill("SIGHUP");
      await until("later collection", async () => Number(await collections(address)) > first + 10);
      assert.doesNotMatch(textOf(`${disk}/log`), /Reloaded/);
    } finally {
      await run("fsfreeze", "--unfreeze", disk);
    }
    await until("lines", () => textOf(`${disk}/log`).includes("Reloaded the configuration"));
    agent.kill("SIGTERM");
    assert.equal((await within("end", END_MS, agent.outcome())).code, 0);
    assert.match(textOf(`${disk}/log`), /INFO {2}ktm has stopped\n$/);
  }),
);

Deno.test("A command line's error exits 2 where standard error is full", async () => {
  await using child = startKtm(["--bogus"], ODD_STDERR["a full device"]);
  assert.equal((await child.outcome()).code, 2);
});
