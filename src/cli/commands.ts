/** The commands. @module */
import {
  ATTACH_OPTIONS,
  CHECK_OPTIONS,
  DEMO_OPTIONS,
  EXPLAIN_OPTIONS,
  RUN_OPTIONS,
  SNAPSHOT_OPTIONS,
  TOP_OPTIONS,
} from "./arguments/options.ts";
import type { Command } from "./command.ts";
import { configured } from "./configured.ts";

/** What runs when no command is named. */
export const DEFAULT_COMMAND: Command = {
  name: "run",
  summary: "Watch the target and collect until told to stop",
  options: [...ATTACH_OPTIONS, ...RUN_OPTIONS],
  examples: ["run --listen 127.0.0.1:9090", "run --config ktm.yaml --log-level debug"],
  run: configured(() => import("./commands/run.ts")),
};

/** What `--version` stands for. */
export const VERSION_COMMAND: Command = {
  name: "version",
  summary: "Print the version",
  options: [],
  examples: ["version"],
  run: async () => (await import("./commands/version.ts")).run(),
};

/** Every command, in the order of help. */
export const COMMANDS: readonly Command[] = [
  DEFAULT_COMMAND,
  {
    name: "check",
    summary: "Tell what this machine offers and what is missing",
    options: [...ATTACH_OPTIONS, ...CHECK_OPTIONS],
    examples: ["check", "check --json"],
    run: configured(() => import("./commands/check.ts")),
  },
  {
    name: "snapshot",
    summary: "Observe for a while, print one collection, and leave",
    options: [...ATTACH_OPTIONS, ...SNAPSHOT_OPTIONS],
    examples: ["snapshot --duration 30s --format table"],
    run: configured(() => import("./commands/snapshot.ts")),
  },
  {
    name: "top",
    summary: "Show live what the target does, until q is pressed",
    options: TOP_OPTIONS,
    examples: ["top", "top --interval 500ms --comm-prefix postgres"],
    run: configured(() => import("./commands/top.ts")),
  },
  {
    name: "explain",
    summary: "Tell whether reads have become slower, why, and what to do",
    options: EXPLAIN_OPTIONS,
    examples: ["explain --duration 2m", "explain --from recorder.json --json"],
    run: configured(() => import("./commands/explain.ts")),
  },
  {
    name: "demo",
    summary: "Run a workload, watch it and compare the counts",
    options: [...ATTACH_OPTIONS, ...DEMO_OPTIONS],
    examples: ["demo", "demo --duration 2s"],
    run: configured(() => import("./commands/demo.ts")),
  },
  VERSION_COMMAND,
  {
    name: "demo-workload",
    summary: "The workload that demo watches",
    options: [],
    examples: [],
    internal: true,
    run: async (line) => (await import("./commands/demo_workload.ts")).run(line),
  },
];
