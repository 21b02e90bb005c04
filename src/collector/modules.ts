/** The modules that there are. @module */
import { IOMONITOR } from "./iomonitor/mod.ts";
import { probeModule } from "./probe_module.ts";
import { PROCMONITOR } from "./procmonitor/mod.ts";
import type { ModuleRegistry } from "./registry.ts";
import { WRITE_FIGURES, WRITEMONITOR } from "./writemonitor/mod.ts";

/** Every module. A new one is one more entry. */
export const MODULES: ModuleRegistry = [
  // The live view has panels for it.
  probeModule("Page cache, fadvise, reclaim and read latency", IOMONITOR, []),
  PROCMONITOR,
  probeModule("Writes to files, fsync and dirty throttling", WRITEMONITOR, WRITE_FIGURES),
];
