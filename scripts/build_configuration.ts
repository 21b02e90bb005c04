/** The page of every configuration key, made from the tables of keys and options. @module */
import { ATTACH_OPTIONS, RUN_OPTIONS } from "../src/cli/arguments/options.ts";
import { MODULES } from "../src/collector/mod.ts";
import { configFrom } from "../src/sidecar/config/config.ts";
import { parseFile } from "../src/sidecar/config/file.ts";
import { CONFIG_KEYS, DEFAULT_CONFIG, isKey, type Key, type KeyGroup } from "../src/sidecar/config/keys.ts";
import { compareOrWrite, ROOT } from "./build_support.ts";

/** What the tables do not say of a key. */
interface About {
  /** What it is for. */
  readonly text: string;
  /** As it stands in a file; the default of a key that has one. */
  readonly example: string;
  /** What holds if it is absent, of a key without a default. */
  readonly otherwise?: string;
  /** What SIGHUP does with another value. */
  readonly reload: string;
}

const FROM_NOW_ON = "from the next entry on";
const FROM_NEXT_LOOK = "from the next comparison on";
const RESTARTS = "the module detaches and looks for the target again, and counters start from zero";

/** What there is to choose from. */
function moduleTable(): string {
  return MODULES.map(({ name, summary }) => {
    const isDefault = DEFAULT_CONFIG.collector.modules.includes(name);
    return `- \`${name}\`: ${summary}${isDefault ? "" : "; not unless asked for"}`;
  }).join("\n");
}

const ABOUT: Readonly<Record<string, About>> = {
  "collector.interval": {
    text: "The time from one collection to the next.",
    example: "10s",
    reload: "it collects at once and then in the new rhythm, and counters go on",
  },
  "collector.modules": {
    text: "The modules that collect. On the command line, commas stand between them:\n\n" + moduleTable() +
      "\n\n[Operation](operation.md#modules) has what each costs.",
    example: `[${DEFAULT_CONFIG.collector.modules.join(", ")}]`,
    reload: RESTARTS,
  },
  "collector.ebpf.cgroup_path": {
    text: "The target's cgroup, absolute or relative to the cgroup2 mount.",
    example: "/sys/fs/cgroup/system.slice/banyandb.service",
    otherwise: "that of the oldest process whose name matches",
    reload: RESTARTS,
  },
  "collector.ebpf.comm_prefix": {
    text: "What the name of the target's process (`/proc/<pid>/comm`) starts with.",
    example: "banyand",
    reload: RESTARTS,
  },
  "collector.ebpf.comm_fallback": {
    text: "When the name decides which events count, in addition to the cgroup; see [scoping](scoping.md).",
    example: "when-unset",
    reload: RESTARTS,
  },
  "recorder.memory_limit": {
    text: "Bytes that the history of the Flight Recorder may take.",
    example: "64MiB",
    otherwise:
      "a tenth of the lowest memory limit of the agent's cgroup and those above it, or 64 MiB if there is none",
    reload: "nothing before a restart, and the log says so",
  },
  "recorder.file": {
    text:
      "A file on tmpfs that keeps the history. The next agent reads it: the history survives a killed agent. It " +
      "takes a quarter of `recorder.memory_limit`, at least 1 MiB; see [after a crash](after-a-crash.md).",
    example: "/run/ktm/recorder",
    otherwise: "there is no file: the history ends with the agent",
    reload: "nothing before a restart, and the log says so",
  },
  "diagnosis.latency_floor": {
    text: "A read that takes no longer is never slow; rounded up to a bucket's bound.",
    example: "256us",
    reload: FROM_NEXT_LOOK,
  },
  "diagnosis.latency_rise": {
    text: "Buckets by which p50, p95 or p99 has to rise; two are more than a doubling.",
    example: "2",
    reload: FROM_NEXT_LOOK,
  },
  "diagnosis.fewest_calls": {
    text: "Minimum reads in each of the two compared periods for a verdict.",
    example: "200",
    reload: FROM_NEXT_LOOK,
  },
  "diagnosis.pressure_rise": {
    text: "The factor by which a signal has to rise; see [interpretation](interpretation.md#the-numbers).",
    example: "2.5",
    reload: FROM_NEXT_LOOK,
  },
  "exporter.listen": {
    text: "Where the HTTP server listens.",
    example: "127.0.0.1:9090",
    otherwise: "there is no server",
    reload: "the server moves; to the old address again if the new one cannot be listened on",
  },
  "exporter.allowed_hosts": {
    text:
      "Host names, without a port, for which requests from the agent's own machine are answered, in addition to " +
      "`localhost`, the machine's own name and every IP address: [operation](operation.md#web-pages) says why. " +
      "On the command line, commas stand between them.",
    example: "[]",
    reload: "from the next request on",
  },
  "log.level": { text: "The least level that is logged.", example: "info", reload: FROM_NOW_ON },
  "log.format": {
    text: "Whether the log is for people, or lines of JSON for machines.",
    example: "text",
    reload: FROM_NOW_ON,
  },
};

function keysIn(group: KeyGroup, prefix = ""): (readonly [path: string, key: Key])[] {
  return Object.entries(group).flatMap(([name, node]) =>
    isKey(node) ? [[prefix + name, node] as const] : keysIn(node, `${prefix}${name}.`)
  );
}

/** What a key says that it expects when it is given something else. */
function expectation(key: Key): string {
  if (key.kind === "list") return key.expects;
  try {
    key.read({});
  } catch (error) {
    const what = /^expected (.*), got /.exec((error as Error).message)?.[1];
    if (what !== undefined) return what;
  }
  throw new Error("Cannot build the configuration page: a key does not say what it expects");
}

/** A file with one value, or with the values of all keys. */
function yaml(group: KeyGroup, isShown: (path: string) => boolean, prefix = "", indent = ""): string[] {
  return Object.entries(group).flatMap(([name, node]) => {
    const path = prefix + name;
    if (isKey(node)) return isShown(path) ? [`${indent}${name}: ${ABOUT[path]!.example}`] : [];
    const inner = yaml(node, isShown, `${path}.`, `${indent}  `);
    return inner.length === 0 ? [] : [`${indent}${name}:`, ...inner];
  });
}

function section([path, key]: readonly [string, Key]): string {
  const about = ABOUT[path];
  if (about === undefined) {
    throw new Error(`Cannot build the configuration page: it knows nothing of ${path}`);
  }
  const flag = [...ATTACH_OPTIONS, ...RUN_OPTIONS].find(({ configPath }) => configPath === path);
  return [
    `## ${path}`,
    "",
    about.text,
    "",
    `- Takes: ${expectation(key)}`,
    `- Default: ${key.default === undefined ? about.otherwise : `\`${about.example}\``}`,
    `- Flag: \`--${flag?.name} ${flag?.value}\``,
    `- SIGHUP: ${about.reload}`,
    "",
  ].join("\n");
}

/** There is no word of keys that are gone, and the examples of keys that have a default are that default. */
function checkTable(): void {
  const keys = keysIn(CONFIG_KEYS);
  const gone = Object.keys(ABOUT).filter((path) => !keys.some(([known]) => known === path));
  if (gone.length > 0) {
    throw new Error(`Cannot build the configuration page: there is no key ${gone.join(", ")}`);
  }
  const withDefault = keys.filter(([, key]) => key.default !== undefined).map(([path]) => path);
  const text = yaml(CONFIG_KEYS, (path) => withDefault.includes(path)).join("\n");
  const config = configFrom(parseFile(text, "the page"));
  if (JSON.stringify(config) !== JSON.stringify(DEFAULT_CONFIG)) {
    throw new Error(`Cannot build the configuration page: these are no defaults:\n${text}`);
  }
}

/** The page before it is formatted. */
function page(): string {
  checkTable();
  const whole = yaml(CONFIG_KEYS, () => true).join("\n");
  configFrom(parseFile(whole, "the page"));
  return [
    "# Configuration",
    "",
    "<!-- Made by `deno task build` from src/sidecar/config/keys.ts, src/cli/arguments/options.ts and",
    "scripts/build_configuration.ts. -->",
    "",
    "A YAML file (`--config FILE`), flags, or both: a flag goes before the file, the file before the default. An",
    "unknown key, a value that is not what is expected or text that is no YAML ends the start with exit code 2 and",
    "one line for each problem. `kill -HUP` has a running agent read the file again; a bad one changes nothing. At the",
    "start an empty file means the defaults; at a reload it is refused, because an editor may be about to write it.",
    "",
    "A file with every key:",
    "",
    "```yaml",
    whole,
    "```",
    "",
    ...keysIn(CONFIG_KEYS).map(section),
  ].join("\n");
}

async function formatted(markdown: string): Promise<Uint8Array> {
  const formatter = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = formatter.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout } = await formatter.output();
  if (!success) throw new Error("Cannot build the configuration page: deno fmt failed");
  return stdout;
}

/** `docs/configuration.md`. */
export function configurationPage(): Promise<Uint8Array> {
  return formatted(page());
}

/** Writes `docs/configuration.md`, or compares it with what is committed. */
export async function buildConfiguration(check: boolean): Promise<void> {
  await compareOrWrite(new URL("docs/configuration.md", ROOT), await configurationPage(), check);
}
