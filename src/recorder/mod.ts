export { dumpRecording } from "./dump.ts";
export type { RecorderDump, SeriesDump, SourceDump } from "./dump.ts";
export * from "./memory_limit.ts";
export * from "./read_dump.ts";
export * from "./recorder.ts";
