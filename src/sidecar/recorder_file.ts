/** The file that keeps the history when the agent dies, where one is configured. @module */
import type { RecorderFile } from "../recorder/file/mod.ts";
import type { Config } from "./config/config.ts";
import { ConfigError } from "./config/error.ts";
import { log } from "./log/log.ts";
import { memoryLimitOf } from "./memory_limit.ts";

/**
 * Opens the recorder file, and reads what an earlier agent left; nothing of that is loaded where no file is
 * configured. Call it before privileges are given up.
 *
 * @returns undefined if no file is configured
 * @throws {ConfigError} if the path cannot be a recorder file
 * @throws {RecorderFileError} if another agent has it or its file system is full: a start later on may succeed
 */
export async function openConfiguredFile(config: Config): Promise<RecorderFile | undefined> {
  const { file: path } = config.recorder;
  if (path === undefined) return undefined;
  const { openRecorderFile, recorderFileBytes, RecorderFileError } = await import("../recorder/file/mod.ts");
  const bytes = recorderFileBytes(memoryLimitOf(config));
  try {
    const opened = openRecorderFile(path, { bytes, report: log });
    const { histories = [], lives = [], damaged = 0 } = opened.recovered ?? {};
    const rows = histories.reduce((sum, history) => sum + history.rowCount, 0);
    log.info("Recorder file opened", {
      path,
      rows,
      lives: lives.length,
      damaged,
    });
    return opened;
  } catch (error) {
    if (error instanceof RecorderFileError && !error.isTemporary) {
      throw new ConfigError([`recorder.file: ${error.message}`]);
    }
    throw error;
  }
}
