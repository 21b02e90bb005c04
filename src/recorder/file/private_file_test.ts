import assert from "node:assert/strict";
import { fileBytes, MOST_SEGMENTS } from "./format.ts";
import { openRecorderFile } from "./recorder_file.ts";
import { RecorderFileError } from "./private_file.ts";
import { expected, MIB, NOW, open, reporter, rowOf, temporaryFile, write } from "./testing_recorder_file.ts";

Deno.test("a file of something else, a directory, a link, a pipe, a device and others' files are refused as they are", async () => {
  await using file = await temporaryFile();
  const path = (name: string) => `${file.path}.${name}`;
  await Deno.writeTextFile(path("text"), "precious\n".repeat(1000), { mode: 0o600 });
  await Deno.mkdir(path("directory"));
  write(path("target"), () => {});
  await Deno.symlink(path("target"), path("link"));
  await Deno.symlink(path("absent"), path("dangling"));
  await new Deno.Command("mkfifo", { args: [path("pipe")] }).output();
  write(path("open"), () => {});
  await Deno.chmod(path("open"), 0o666);
  write(path("linked"), () => {});
  await Deno.link(path("linked"), path("again"));
  await Deno.writeFile(path("sparse"), new Uint8Array(), { mode: 0o600 });
  await Deno.truncate(path("sparse"), 10 * 1024 * MIB);
  const refused: readonly [string, RegExp][] = [
    [path("text"), /not written by ktm; set another path/],
    [path("directory"), /not a regular file/],
    [path("link"), /not a regular file/],
    [path("dangling"), /not a regular file/],
    [path("pipe"), /not a regular file/],
    ["/dev/null", /not a regular file/],
    [path("open"), /other users may write/],
    [path("linked"), /second name/],
    [path("sparse"), /it has 10240 MiB, and ktm writes at most 1024; remove it/],
    // No file can be made there; in a container, the file system may be read-only.
    [
      "/sys/kernel/ktm-recorder",
      /Permission denied.*; give its directory .*chown|Read-only .*; set a path on tmpfs/,
    ],
    [path("absent/recorder"), /its directory does not exist; create it first/],
  ];
  for (const [name, reason] of refused) {
    assert.throws(
      () => open(name),
      (error) => error instanceof RecorderFileError && reason.test(error.message) && !error.isTemporary,
      name,
    );
  }
  assert.equal(await Deno.readTextFile(path("text")), "precious\n".repeat(1000));
  await assert.rejects(Deno.lstat(path("absent")), Deno.errors.NotFound);
});

Deno.test("a file is one agent's at a time, and the next one's at once", async () => {
  await using file = await temporaryFile();
  {
    using _first = open(file.path);
    assert.throws(
      () => open(file.path),
      (error) =>
        error instanceof RecorderFileError && error.isTemporary &&
        error.message.includes(`in use by process ${Deno.pid}`),
    );
  }
  using _second = open(file.path);
});

Deno.test("a file truncated while it is written loses what was before, not what the newest segment has", async () => {
  await using file = await temporaryFile();
  const rows = [1, 2, 3].map((second) => rowOf(second));
  const report = reporter();
  {
    const { log } = openRecorderFile(file.path, { bytes: MIB, now: NOW, report });
    using _log = log;
    log.row(rows[0]!);
    await Deno.truncate(file.path, 0);
    log.row(rows[1]!);
    log.row(rows[2]!);
    assert.equal(report.said.filter((text) => text.includes("truncated")).length, 1);
  }
  using next = open(file.path);
  assert.deepEqual([...next.recovered!.histories[0]!.rows], expected(rows));
});

Deno.test("a file that is removed while it is written is said once, and recording goes on", async () => {
  await using file = await temporaryFile();
  const report = reporter();
  const { log } = openRecorderFile(file.path, { bytes: MIB, now: NOW, report });
  using _log = log;
  log.row(rowOf(1));
  await Deno.remove(file.path);
  log.row(rowOf(2));
  log.row(rowOf(3));
  assert.equal(report.said.filter((text) => text.includes("removed or renamed")).length, 1);
  assert.equal(log.rowsLost, 0);
});

Deno.test("a file that is renamed while it is written is said once within 64 rows, and one that stays is not", async () => {
  await using file = await temporaryFile();
  const report = reporter();
  const { log } = openRecorderFile(file.path, { bytes: MIB, now: NOW, report });
  using _log = log;
  const warnings = () => report.said.filter((text) => text.includes("removed or renamed")).length;
  for (let second = 0; second < 200; second++) log.row(rowOf(second));
  assert.equal(warnings(), 0);
  await Deno.rename(file.path, `${file.path}.old`);
  for (let second = 200; second < 264; second++) log.row(rowOf(second));
  assert.equal(warnings(), 1);
  for (let second = 264; second < 500; second++) log.row(rowOf(second));
  assert.equal(warnings(), 1);
});

Deno.test("the largest file without content is read within seconds, and made as small as it should be", async () => {
  await using file = await temporaryFile();
  await Deno.writeFile(file.path, new Uint8Array(), { mode: 0o600 });
  await Deno.truncate(file.path, fileBytes(MOST_SEGMENTS));
  const begin = performance.now();
  using opened = open(file.path);
  assert.ok(performance.now() - begin < 10_000);
  assert.equal(opened.recovered, undefined);
  assert.ok((await Deno.stat(file.path)).size <= MIB + 4096);
});
