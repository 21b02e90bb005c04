export * from "./sample.ts";
export * from "./sink.ts";
