import assert from "node:assert/strict";
import { RecorderFileError } from "../recorder/file/mod.ts";
import { processId } from "../syscall/mod.ts";
import { configFrom } from "./config/config.ts";
import { ConfigError } from "./config/error.ts";
import { divertLog } from "./log/log.ts";
import { openConfiguredFile } from "./recorder_file.ts";

// Opens all of libc: tests watch resources.
processId();

function configured(path?: string) {
  const file = path === undefined ? [] : [{ flag: "--recorder-file", path: "recorder.file", value: path }];
  const limit = { flag: "--recorder-memory-limit", path: "recorder.memory_limit", value: "8MiB" };
  return configFrom(undefined, [limit, ...file]);
}

Deno.test("openConfiguredFile() opens nothing where no file is configured", async () => {
  assert.equal(await openConfiguredFile(configured()), undefined);
});

Deno.test("openConfiguredFile() takes a quarter of the recorder's memory, and says what it took over", async () => {
  const directory = await Deno.makeTempDir();
  using cleanup = new DisposableStack();
  cleanup.defer(() => Deno.removeSync(directory, { recursive: true }));
  const said: string[] = [];
  using _log = divertLog(({ message, properties }) =>
    void said.push(`${message} ${JSON.stringify(properties)}`)
  );
  const path = `${directory}/recorder`;
  using _file = (await openConfiguredFile(configured(path)))!.log;
  const { size } = await Deno.stat(path);
  assert.ok(size <= 2 << 20 && size > 1.7 * (1 << 20));
  assert.equal(
    said.at(-1),
    `Recorder file opened ${JSON.stringify({ path, rows: 0, lives: 0, damaged: 0 })}`,
  );
  // A start later on may succeed: no error of the configuration.
  await assert.rejects(openConfiguredFile(configured(path)), (error) => error instanceof RecorderFileError);
});

Deno.test("openConfiguredFile() calls a path that cannot be a recorder file a configuration error", async () => {
  await assert.rejects(openConfiguredFile(configured("/dev/null")), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(error.problems, [
      "recorder.file: Cannot use recorder file /dev/null: it is not a regular file; set another path",
    ]);
    return true;
  });
});
