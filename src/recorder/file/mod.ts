export { RecorderFileError } from "./private_file.ts";
export type { RecordLog, Reporter } from "./record_log.ts";
export * from "./recorder_file.ts";
export type { Recovered, RecoveredHistory, RecoveredRow } from "./recovery.ts";
