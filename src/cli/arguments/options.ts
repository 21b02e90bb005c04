/** Every option of the command line, each described once. @module */
import { parseDuration } from "../../sidecar/config/values/duration.ts";
import { shown } from "../../sidecar/config/values/shown.ts";

/** One option as parser, help and commands know it. */
export interface Option {
  /** Without the dashes. */
  readonly name: string;
  /** A letter that means the same. */
  readonly short?: string;
  /** What help calls the value; absent for a switch, which takes none. */
  readonly value?: string;
  /** What it does, for help. */
  readonly help: string;
  /** What holds if the option is not given; for a configuration key its table decides and this is for help. */
  readonly default?: string;
  /** The configuration key that it overrides; the configuration's table of keys checks the value. */
  readonly configPath?: string;
  /** Whether the value is a list with commas between its elements. */
  readonly list?: boolean;
  /** Checks a value that is no configuration key: throws a RangeError that tells what is expected. */
  readonly check?: (text: string) => unknown;
}

function oneOf(...words: string[]): (text: string) => void {
  return (text) => {
    if (words.includes(text)) return;
    throw new RangeError(`expected one of ${words.join(", ")}, got ${shown(text)}`);
  };
}

/** `--help`, which every command has. */
export const HELP: Option = { name: "help", short: "h", help: "Print this help and exit" };

/** `--version`, which stands in place of a command. */
export const VERSION: Option = { name: "version", short: "V", help: "Print the version and exit" };

/** Options of every command that attaches probes. */
export const ATTACH_OPTIONS: readonly Option[] = [
  { name: "config", value: "FILE", help: "Read the configuration from this YAML file" },
  {
    name: "interval",
    value: "DURATION",
    help: "Time between two collections, like 500ms, 10s or 1m30s",
    default: "10s",
    configPath: "collector.interval",
  },
  {
    name: "comm-prefix",
    value: "PREFIX",
    help: "Watch the process whose comm starts with this",
    default: "banyand",
    configPath: "collector.ebpf.comm_prefix",
  },
  {
    name: "cgroup-path",
    value: "PATH",
    help: "Watch this cgroup instead of looking for the process; absolute, or relative to the cgroup2 mount",
    configPath: "collector.ebpf.cgroup_path",
  },
  {
    name: "comm-fallback",
    value: "MODE",
    help: "When the comm prefix decides, too, not only the cgroup: always, when-unset or never",
    default: "when-unset",
    configPath: "collector.ebpf.comm_fallback",
  },
  {
    name: "modules",
    value: "NAMES",
    help: "Modules that collect, with commas between them",
    default: "iomonitor,procmonitor",
    configPath: "collector.modules",
    list: true,
  },
  {
    name: "object",
    value: "MODULE=FILE",
    help:
      "Load a module's eBPF object from this file instead of the built-in one, with commas between several " +
      "(development)",
  },
  {
    name: "strategies",
    value: "NAMES",
    help: "Try only these ways to attach, with commas between them (development)",
  },
];

/** Options of every command that tells incidents: which values count. */
export const DIAGNOSIS_OPTIONS: readonly Option[] = [
  {
    name: "latency-floor",
    value: "LATENCY",
    help: "A read that takes no longer is never slow",
    default: "256us",
    configPath: "diagnosis.latency_floor",
  },
  {
    name: "latency-rise",
    value: "BUCKETS",
    help: "Buckets by which p50, p95 or p99 has to rise; each is twice as long as the one before",
    default: "2",
    configPath: "diagnosis.latency_rise",
  },
  {
    name: "fewest-calls",
    value: "COUNT",
    help: "Minimum reads per period for a verdict",
    default: "200",
    configPath: "diagnosis.fewest_calls",
  },
  {
    name: "pressure-rise",
    value: "FACTOR",
    help: "Factor by which a signal has to rise",
    default: "2.5",
    configPath: "diagnosis.pressure_rise",
  },
];

/** Options of `run` in addition to those of attaching. */
export const RUN_OPTIONS: readonly Option[] = [
  {
    name: "recorder-memory-limit",
    value: "SIZE",
    help: "Memory of the Flight Recorder, like 64MiB (default: a share of the cgroup's limit)",
    configPath: "recorder.memory_limit",
  },
  {
    name: "recorder-file",
    value: "PATH",
    help: "Keep the history in this file, so that it survives a killed agent; use tmpfs (default: off)",
    configPath: "recorder.file",
  },
  {
    name: "listen",
    value: "HOST:PORT",
    help: "Serve metrics, health and the Flight Recorder over HTTP on this address (default: off)",
    configPath: "exporter.listen",
  },
  {
    name: "allowed-hosts",
    value: "NAMES",
    help: "More host names for requests from this machine, with commas between them " +
      "(default: localhost and the machine's own name)",
    configPath: "exporter.allowed_hosts",
    list: true,
  },
  {
    name: "log-level",
    value: "LEVEL",
    help: "Log this level and above: debug, info, warn or error",
    default: "info",
    configPath: "log.level",
  },
  {
    name: "log-format",
    value: "FORMAT",
    help: "Log as text or as json",
    default: "text",
    configPath: "log.format",
  },
  {
    name: "self-stats",
    help: "Report run counts and times of the eBPF programs (slows every eBPF program of the machine)",
  },
  ...DIAGNOSIS_OPTIONS,
];

/** Options of `snapshot` in addition to those of attaching. */
export const SNAPSHOT_OPTIONS: readonly Option[] = [
  {
    name: "duration",
    value: "DURATION",
    help: "How long to observe",
    default: "10s",
    check: parseDuration,
  },
  {
    name: "format",
    value: "FORMAT",
    help: "Print as prometheus, json or table",
    default: "prometheus",
    check: oneOf("prometheus", "json", "table"),
  },
];

/** Options of `check` in addition to those of attaching. */
export const CHECK_OPTIONS: readonly Option[] = [{ name: "json", help: "Print the findings as JSON" }];

/** Options of `demo` in addition to those of attaching. */
export const DEMO_OPTIONS: readonly Option[] = [
  {
    name: "duration",
    value: "DURATION",
    help: "How long the workload runs",
    default: "3s",
    check: parseDuration,
  },
];

/** Options of `top`: those of attaching, with a separate interval that a configuration for `run` does not change. */
export const TOP_OPTIONS: readonly Option[] = [
  ...ATTACH_OPTIONS.filter(({ name }) => name !== "interval"),
  {
    name: "interval",
    value: "DURATION",
    help: "Time between two ticks, like 500ms or 2s",
    default: "1s",
    check: parseDuration,
  },
];

/** Options of `explain`: those of attaching, with a separate interval, and where to read instead. */
export const EXPLAIN_OPTIONS: readonly Option[] = [
  ...ATTACH_OPTIONS.filter(({ name }) => name !== "interval"),
  {
    name: "duration",
    value: "DURATION",
    help: "How long to observe",
    default: "1m",
    check: parseDuration,
  },
  {
    name: "from",
    value: "FILE",
    help: "Explain this dump of a Flight Recorder instead of observing; - is standard input",
  },
  { name: "json", help: "Print the explanation as JSON" },
  ...DIAGNOSIS_OPTIONS,
];
