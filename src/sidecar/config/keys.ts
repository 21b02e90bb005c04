/**
 * What a configuration may say: every key, what it takes, and what holds if it is absent.
 *
 * Without a library: an agent that is given no file starts without the one that checks files.
 *
 * @module
 */
import { DEFAULT_THRESHOLDS } from "../../diagnosis/thresholds.ts";
import { COMM_FALLBACKS, type CommFallback } from "../../discovery/comm_fallback.ts";
import { parseAuthority } from "../http/host.ts";
import { formatBytes, parseBytes } from "./values/bytes.ts";
import { formatDuration, parseDuration } from "./values/duration.ts";
import { formatLatency, parseLatency } from "./values/latency.ts";
import { formatListen, type ListenAddress, parseListen } from "./values/listen.ts";
import { parseNumber } from "./values/number.ts";
import { shown } from "./values/shown.ts";

/** How much is logged. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** How it is logged: for people, or as lines of JSON. */
export type LogFormat = "text" | "json";

/** A configuration with every default filled in. */
export interface Config {
  readonly collector: {
    /** Milliseconds between two collections. */
    readonly interval: number;
    /** Names of the modules that collect. */
    readonly modules: readonly string[];
    readonly ebpf: {
      /** The target's cgroup, absolute or relative to the cgroup2 mount; absent means discovery by comm. */
      readonly cgroup_path?: string | undefined;
      /** What the target's comm starts with. */
      readonly comm_prefix: string;
      readonly comm_fallback: CommFallback;
    };
  };
  readonly recorder: {
    /** Bytes that the Flight Recorder may hold; absent means a share of the cgroup's memory limit. */
    readonly memory_limit?: number | undefined;
    /** The absolute path of the file that keeps the history when the agent dies; absent means none. */
    readonly file?: string | undefined;
  };
  /** From which values on something counts; src/diagnosis/thresholds.ts has the reasons. */
  readonly diagnosis: {
    /** Nanoseconds: a read that takes no longer is never slow. */
    readonly latency_floor: number;
    /** By how many buckets a quantile of latency has to rise. */
    readonly latency_rise: number;
    /** Calls in each period without which nothing is said. */
    readonly fewest_calls: number;
    /** By which factor a signal has to rise. */
    readonly pressure_rise: number;
  };
  readonly exporter: {
    /** Where the HTTP server listens; absent means that there is none. */
    readonly listen?: ListenAddress | undefined;
    /** Names that `Host` may have on loopback in addition to `localhost` and the machine's own, in lower case. */
    readonly allowed_hosts: readonly string[];
  };
  readonly log: {
    readonly level: LogLevel;
    readonly format: LogFormat;
  };
}

/** Makes of what is written what it means; throws a RangeError that tells what is expected. */
export type Reader<T> = (value: unknown) => T;

/** How one value is read and written. */
interface Form<T> {
  readonly read: Reader<T>;
  /** The value as it stands in a file: {@linkcode Form.read} gives it back. */
  write(value: T): string;
}

/** A key that takes one value. */
export interface ValueKey<T> extends Form<T> {
  readonly kind: "value";
  /** What holds if it is absent; undefined if it then stays so. */
  readonly default: T | undefined;
}

/** A key that takes a list. */
export interface ListKey<T> {
  readonly kind: "list";
  /** Elements that it has to have. */
  readonly least: 0 | 1;
  /** What it expects, for messages. */
  readonly expects: string;
  readonly readElement: Reader<T>;
  readonly default: readonly T[];
}

/** What a key takes. */
export type Key = ValueKey<unknown> | ListKey<unknown>;

/** Keys by name, in groups. */
export interface KeyGroup {
  readonly [name: string]: Key | KeyGroup;
}

/** What the keys of a group mean together. */
type Meaning<Node> = Node extends ListKey<infer T> ? readonly T[]
  : Node extends ValueKey<infer T> ? T
  : { readonly [Name in keyof Node]: Meaning<Node[Name]> };

/** `TASK_COMM_LEN` of `include/linux/sched.h` without the terminating NUL. */
const COMM_BYTES = 15;

/** `PATH_MAX` of `include/uapi/linux/limits.h` without the terminating NUL. */
const PATH_BYTES = 4095;

/** More than any module's name has. */
const NAME_BYTES = 64;

/** A key as a message shows it: in quotes only where it would not read as one word. */
export function shownName(name: string): string {
  return /^[\w.-]{1,40}$/.test(name) ? name : shown(name);
}

/** What a message says of a value that is not what is expected. */
export function unexpected(what: string, value: unknown): string {
  return `expected ${what}, got ${shown(value)}`;
}

/** A value written as text, or as a number that means the same. */
function written<T>(parse: (text: string) => T, write: (value: T) => string): Form<T> {
  return { read: (value) => parse(typeof value === "string" ? value : JSON.stringify(value)), write };
}

function number(least: number, isWhole: boolean): Form<number> {
  return written((text) => parseNumber(text, least, isWhole), String);
}

/** A value that is held in the form of the file. */
function verbatim<T extends string>(read: Reader<T>): Form<T> {
  return { read, write: String };
}

function oneOf<const Word extends string>(...words: readonly Word[]): Form<Word> {
  return verbatim((value) => {
    const known = words.find((word) => word === value);
    if (known !== undefined) return known;
    throw new RangeError(unexpected(`one of ${words.join(", ")}`, value));
  });
}

/** C0 controls and DEL: a name may hold them, but in a configuration they are a slip, such as a line break. */
const CONTROL = /\p{Cc}/u;

function text(what: string, most: number): Reader<string> {
  return (value) => {
    const fits = typeof value === "string" && value !== "" && new TextEncoder().encode(value).length <= most;
    if (!fits) throw new RangeError(unexpected(what, value));
    if (CONTROL.test(value)) throw new RangeError(unexpected(`${what} without control characters`, value));
    return value;
  };
}

function absolutePath(what: string): Reader<string> {
  const read = text(what, PATH_BYTES);
  return (value) => {
    const path = read(value);
    if (path.startsWith("/") && !path.endsWith("/")) return path;
    throw new RangeError(unexpected(what, value));
  };
}

function hostName(value: unknown): string {
  // With a port, it would never be what a request is compared with.
  const name = typeof value === "string" && !value.includes(":") ? parseAuthority(value) : undefined;
  if (name !== undefined) return name;
  throw new RangeError(unexpected("a host name like ktm.example", value));
}

function required<T>(form: Form<T>, otherwise: T): ValueKey<T> {
  return { kind: "value", ...form, default: otherwise };
}

function optional<T>(form: Form<T>): ValueKey<T | undefined> {
  return { kind: "value", ...form, default: undefined };
}

function list<T>(
  expects: string,
  least: 0 | 1,
  readElement: Reader<T>,
  otherwise: readonly T[],
): ListKey<T> {
  return { kind: "list", least, expects, readElement, default: otherwise };
}

/** Every key. */
export const CONFIG_KEYS = {
  collector: {
    interval: required(written(parseDuration, formatDuration), 10_000),
    modules: list("a list of module names like [iomonitor]", 1, text("a module name", NAME_BYTES), [
      "iomonitor",
      "procmonitor",
    ]),
    ebpf: {
      cgroup_path: optional(verbatim(text("the path of a cgroup", PATH_BYTES))),
      comm_prefix: required(verbatim(text(`a text of 1 to ${COMM_BYTES} bytes`, COMM_BYTES)), "banyand"),
      comm_fallback: required<CommFallback>(oneOf(...COMM_FALLBACKS), "when-unset"),
    },
  },
  recorder: {
    memory_limit: optional(written(parseBytes, formatBytes)),
    file: optional(verbatim(absolutePath("the absolute path of a file"))),
  },
  diagnosis: {
    latency_floor: required(written(parseLatency, formatLatency), DEFAULT_THRESHOLDS.floorNs),
    latency_rise: required(number(1, true), DEFAULT_THRESHOLDS.rise),
    fewest_calls: required(number(1, true), DEFAULT_THRESHOLDS.fewestCalls),
    pressure_rise: required(number(1.1, false), DEFAULT_THRESHOLDS.pressure),
  },
  exporter: {
    listen: optional(written(parseListen, formatListen)),
    allowed_hosts: list("a list of host names like [ktm.example]", 0, hostName, []),
  },
  log: {
    level: required<LogLevel>(oneOf("debug", "info", "warn", "error"), "info"),
    format: required<LogFormat>(oneOf("text", "json"), "text"),
  },
} satisfies KeyGroup;

/** True of a key, false of a group of keys. */
export function isKey(node: Key | KeyGroup): node is Key {
  return typeof node.kind === "string";
}

function defaultsOf<Group extends KeyGroup>(group: Group): Meaning<Group> {
  const entries = Object.entries(group)
    .map(([name, node]) => [name, isKey(node) ? node.default : defaultsOf(node)] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Meaning<Group>;
}

/** What holds where nothing is said. */
export const DEFAULT_CONFIG: Config = defaultsOf(CONFIG_KEYS);

/**
 * The key at a path.
 *
 * @param path names with dots between them: `collector.interval`
 * @throws {TypeError} if there is no such key
 */
export function keyAt(path: string): Key {
  let node: Key | KeyGroup | undefined = CONFIG_KEYS;
  for (const name of path.split(".")) {
    node = node === undefined || isKey(node) ? undefined : node[name];
  }
  if (node !== undefined && isKey(node)) return node;
  throw new TypeError(`Cannot find configuration key ${path}: there is none`);
}

/**
 * A value as it stands in a configuration file.
 *
 * @param path the key: `collector.interval`
 * @param value in the form in which the configuration holds it; undefined where it is not set
 */
export function writeValue(path: string, value: unknown): string {
  if (value === undefined) return "not set";
  const key = keyAt(path);
  return key.kind === "value" ? key.write(value) : `[${(value as readonly unknown[]).join(", ")}]`;
}
