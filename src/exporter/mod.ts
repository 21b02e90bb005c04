export * from "./json.ts";
export * from "./prometheus.ts";
export * from "./table.ts";
