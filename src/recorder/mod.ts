export { dumpRecording, recordingText } from "./dump_text.ts";
export type { RecorderDump, SeriesDump, SourceDump } from "./dump.ts";
export * from "./memory_limit.ts";
export * from "./read_dump.ts";
export * from "./recorder.ts";
