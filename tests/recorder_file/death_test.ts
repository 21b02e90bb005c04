/** The recorder file under an agent that dies, and under what others do to the file. */
// Runs beside others.
import assert from "node:assert/strict";
import { openRecorderFile, type RecordLog } from "../../src/recorder/file/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { Random } from "../fuzz/random.ts";
import { Child, output } from "../support/child.ts";
import { ROOT } from "../support/ktm.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { listening, rowOf, SILENT, textOf, textOfRow } from "./rows.ts";

// Opens all of libc: tests watch resources.
processId();

const MIB = 1024 * 1024;
const DEATHS = 20;

/** A file system in memory for a directory; disposing it takes it away. */
async function memoryFileSystem(path: string, size: string): Promise<AsyncDisposable> {
  const { code, stderr } = await output(
    "mount",
    "-t",
    "tmpfs",
    "-o",
    `size=${size},mode=0700`,
    "tmpfs",
    path,
  );
  assert.equal(code, 0, stderr);
  return { [Symbol.asyncDispose]: async () => void await output("umount", path) };
}

function writer(path: string, first: number, life: number): Child {
  const program = new URL("tests/recorder_file/writer.ts", ROOT).pathname;
  return new Child(Deno.execPath(), {
    args: ["run", "--no-check", "-A", program, path, `${first}`, `${life}`],
  });
}

/** The numbers of the rows in a file, all of which are checked to be as they were written. */
function numbersIn(path: string): number[] {
  const { log, recovered } = openRecorderFile(path, { bytes: MIB, report: SILENT });
  using _log = log;
  return (recovered?.histories ?? []).flatMap(({ source, rows }) =>
    [...rows].map((row) => {
      const number = (row.timeMs - rowOf(0).timeMs) / 1000;
      assert.equal(textOf(source, row), textOfRow(rowOf(number, source)));
      return number;
    })
  );
}

Deno.test(
  needs(
    ["root", "mount"],
    `${DEATHS} writers killed at any moment leave every row that was written`,
    async () => {
      await using directory = await temporaryDirectory();
      await using _memory = await memoryFileSystem(directory.path, "8m");
      const path = directory.file("recorder");
      const random = new Random(9);
      let next = 0;
      for (let death = 0; death < DEATHS; death++) {
        await using child = writer(path, next, death + 1);
        // So many rows go round the file now and then.
        await child.said(new RegExp(`^${next + random.below(900)}$`));
        child.kill("SIGKILL");
        const { stderr } = await child.outcome();
        const said = stderr.trimEnd().split("\n").map(Number);
        const found = new Set(numbersIn(path));
        const oldest = Math.min(...found);
        // Those that the file had room for, which are most.
        const expected = said.filter((number) => number >= oldest);
        assert.ok(expected.length > Math.min(said.length, 1000) / 2);
        assert.deepEqual(expected.filter((number) => !found.has(number)), [], `death ${death}`);
        next = Math.max(...found) + 1;
      }
      const { log, recovered } = openRecorderFile(path, { bytes: MIB, report: SILENT });
      using _log = log;
      assert.deepEqual(
        recovered!.lives.map(({ number, end }) => [number, end?.how]),
        Array.from({ length: DEATHS }, (_, index) => [index + 1, "unwatched"]),
      );
      assert.ok((await Deno.stat(path)).size <= MIB + 4096);
    },
  ),
);

/** Uses a file on a small file system in memory. */
async function onSmallFileSystem(
  size: string,
  use: (log: RecordLog, directory: string, said: readonly string[]) => Promise<void>,
  before: (directory: string) => Promise<void> = () => Promise.resolve(),
): Promise<number[]> {
  await using directory = await temporaryDirectory();
  await using _memory = await memoryFileSystem(directory.path, size);
  const path = directory.file("recorder");
  await before(directory.path);
  const report = listening();
  {
    using log = openRecorderFile(path, { bytes: MIB, report }).log;
    await use(log, directory.path, report.said);
  }
  return numbersIn(path);
}

Deno.test(
  needs(
    ["root", "mount"],
    "a file system that others fill takes no row from a file that has its space",
    async () => {
      const found = await onSmallFileSystem("2m", async (log, directory, said) => {
        await output("dd", "if=/dev/zero", `of=${directory}/other`, "bs=64k");
        for (let number = 0; number < 500; number++) log.row(rowOf(number));
        assert.equal(log.rowsLost, 0);
        assert.deepEqual(said, []);
      });
      assert.deepEqual(found, Array.from({ length: 500 }, (_, number) => number));
    },
  ),
);

Deno.test(
  needs(
    ["root", "mount"],
    "a file system that was full before is said once, and rows come in when there is space",
    async () => {
      const found = await onSmallFileSystem(
        "2m",
        async (log, directory, said) => {
          for (let number = 0; number < 5; number++) log.row(rowOf(number));
          assert.deepEqual(said.filter((text) => text.includes("cannot be written")).length, 1);
          await Deno.remove(`${directory}/other`);
          log.row(rowOf(5));
          assert.equal(said.at(-1), "Recorder file is written again");
          assert.equal(log.rowsLost, 0);
        },
        async (directory) =>
          void await output("dd", "if=/dev/zero", `of=${directory}/other`, "bs=64k", "count=31"),
      );
      assert.deepEqual(found, [0, 1, 2, 3, 4, 5]);
    },
  ),
);

Deno.test(
  needs(
    ["root", "mount"],
    "a file system without a byte left lets a file be opened, and rows come in when there is space",
    async () => {
      const found = await onSmallFileSystem(
        "2m",
        async (log, directory, said) => {
          log.row(rowOf(0));
          assert.equal(said.filter((text) => text.includes("no space reserved")).length, 1);
          assert.equal(said.filter((text) => text.includes("cannot be written")).length, 1);
          await Deno.remove(`${directory}/other`);
          log.row(rowOf(1));
          assert.equal(said.at(-1), "Recorder file is written again");
        },
        // Until it is full.
        async (directory) => void await output("dd", "if=/dev/zero", `of=${directory}/other`, "bs=4k"),
      );
      assert.deepEqual(found, [0, 1]);
    },
  ),
);

Deno.test(
  needs(
    ["root", "mount"],
    "rows that find no space until their segment is full are counted, and older segments stay",
    async () => {
      const found = await onSmallFileSystem(
        "2m",
        async (log, directory, said) => {
          for (let number = 0; number < 3000; number++) log.row(rowOf(number));
          assert.ok(log.rowsLost > 0 && log.rowsLost < 3000);
          await Deno.remove(`${directory}/other`);
          log.row(rowOf(3000));
          assert.equal(said.at(-1), "Recorder file is written again");
        },
        async (directory) =>
          void await output("dd", "if=/dev/zero", `of=${directory}/other`, "bs=64k", "count=31"),
      );
      assert.ok(found.includes(3000) && found.length > 1);
    },
  ),
);
