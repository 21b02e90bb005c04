export * from "./figure.ts";
export * from "./life.ts";
export * from "./printable.ts";
export * from "./sample.ts";
export * from "./sink.ts";
export * from "./window.ts";
