/** The modules that there are. @module */
import {
  type CommFallback,
  IoMonitor,
  IOMONITOR_OBJECT,
  type IoMonitorLog,
  type StrategyName,
} from "./iomonitor/mod.ts";
import type { ModuleRegistry } from "./registry.ts";

/** What a host gives to every module. */
export interface ModuleContext {
  readonly commPrefix: string;
  readonly commFallback: CommFallback;
  readonly cgroupPath?: string | undefined;
  /** An object file to load in place of the built-in one. */
  readonly object?: Uint8Array | undefined;
  /** The ways to attach that may be tried; all of them unless given. */
  readonly strategies?: readonly StrategyName[] | undefined;
  /** Whether modules report what their programs cost. */
  readonly selfStats?: boolean | undefined;
  readonly log: IoMonitorLog;
  /** Drops what was collected from a source: it belonged to a container that is gone. */
  readonly reset: (source: string) => void;
}

/** Every module by name. */
export const MODULES: ModuleRegistry<ModuleContext> = {
  iomonitor: (context) =>
    new IoMonitor({
      ...context,
      object: context.object ?? IOMONITOR_OBJECT,
      onNewTarget: () => context.reset("iomonitor"),
    }),
};
