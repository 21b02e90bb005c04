export type { RecorderDump, SeriesDump, SourceDump } from "./dump.ts";
export * from "./memory_limit.ts";
export * from "./recorder.ts";
