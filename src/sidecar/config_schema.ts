/** What a configuration may say: every key, what it expects, and what holds if it is absent. @module */
import * as z from "zod/mini";
import { parseBytes } from "./bytes.ts";
import { type ListenAddress, parseListen } from "./config_listen.ts";
import { didYouMean } from "./config_suggest.ts";
import { parseDuration } from "./duration.ts";

/** When the comm prefix decides which process counts, beside the cgroup. */
export type CommFallback = "always" | "when-unset" | "never";

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
  };
  readonly exporter: {
    /** Where the HTTP server listens; absent means that there is none. */
    readonly listen?: ListenAddress | undefined;
  };
  readonly log: {
    readonly level: LogLevel;
    readonly format: LogFormat;
  };
}

/** `TASK_COMM_LEN` of `include/linux/sched.h` without the terminating NUL. */
const COMM_BYTES = 15;

type Complaint = (issue: { readonly input?: unknown }) => string;

function expected(what: string): Complaint {
  return ({ input }) => `expected ${what}, got ${JSON.stringify(input)}`;
}

/** A group of keys and no others; in YAML a group whose keys are all commented out is null. */
function section<Shape extends z.core.$ZodShape>(shape: Shape) {
  const complaint = expected("keys with values");
  const object = z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => `unknown key ${key}${didYouMean(key, Object.keys(shape))}`).join("\n")
        : complaint(issue),
  });
  return z.prefault(z.pipe(z.transform((value: unknown) => value ?? {}), object), {});
}

/** A value written as text, or as a number that means the same, and what `read` makes of it. */
function written<T>(read: (text: string) => T) {
  return z.pipe(
    z.unknown(),
    z.transform((value, context): T => {
      try {
        return read(typeof value === "string" ? value : JSON.stringify(value));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        context.issues.push({ code: "custom", message: error.message, input: value });
        return z.NEVER;
      }
    }),
  );
}

function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, { error: expected(`one of ${words.join(", ")}`) });
}

function text(what: string, most = Infinity) {
  const error = expected(what);
  const fits = (value: string) => value !== "" && new TextEncoder().encode(value).length <= most;
  return z.string({ error }).check(z.refine(fits, { error }));
}

const MODULES = expected("a list of module names like [iomonitor]");

/** The schema of a configuration file; of nothing at all it makes the default configuration. */
export const CONFIG_SCHEMA = section({
  collector: section({
    interval: z._default(written(parseDuration), 10_000),
    modules: z._default(
      z.array(text("a module name"), { error: MODULES }).check(z.minLength(1, { error: MODULES })),
      ["iomonitor"],
    ),
    ebpf: section({
      cgroup_path: z.optional(text("the path of a cgroup")),
      comm_prefix: z._default(text(`a text of 1 to ${COMM_BYTES} bytes`, COMM_BYTES), "banyand"),
      comm_fallback: z._default(oneOf("always", "when-unset", "never"), "always"),
    }),
  }),
  recorder: section({ memory_limit: z.optional(written(parseBytes)) }),
  exporter: section({ listen: z.optional(written(parseListen)) }),
  log: section({
    level: z._default(oneOf("debug", "info", "warn", "error"), "info"),
    format: z._default(oneOf("text", "json"), "text"),
  }),
});
