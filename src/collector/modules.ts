/** The modules that there are. @module */
import {
  type CommFallback,
  IoMonitor,
  IOMONITOR_OBJECT,
  type IoMonitorLog,
  type LifeObserver,
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
  /** Whom modules tell of the target's lives. */
  readonly lives: LifeObserver;
}

/** Every module by name. */
export const MODULES: ModuleRegistry<ModuleContext> = {
  iomonitor: (context) =>
    new IoMonitor({
      ...context,
      object: context.object ?? IOMONITOR_OBJECT,
    }),
};
