/** The target watch as the collector's first module: it looks before the others measure. @module */
import { TargetWatch } from "../target/mod.ts";
import { probeFinding } from "./findings.ts";
import type { Finding, Module } from "./module.ts";

/** The target watch as a module. */
export class TargetModule extends TargetWatch implements Module {
  /** How the ends of the target will be seen. */
  check(): readonly Finding[] {
    return this.probes.map(probeFinding);
  }
}
