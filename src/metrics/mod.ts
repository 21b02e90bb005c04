export * from "./bucket.ts";
export * from "./histogram.ts";
export * from "./life.ts";
export * from "./printable.ts";
export * from "./sample.ts";
export * from "./series.ts";
export * from "./sink.ts";
export * from "./window.ts";
