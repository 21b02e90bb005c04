/** Bad input through the command line: one line that says what, where and what to do; exit code 2; nothing left. */
import assert from "node:assert/strict";
import { IOMONITOR_OBJECT } from "../../src/collector/iomonitor/object.ts";
import { output } from "../support/child.ts";
import { ktm } from "../support/ktm.ts";
import { type Need, needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";

/** EI_DATA of `e_ident`, and its value for big-endian: the ELF specification. */
const EI_DATA = 5;
const ELFDATA2MSB = 2;

interface BadInput {
  readonly what: string;
  /** Writes files into a directory and gives the arguments. */
  readonly args: (directory: string) => Promise<readonly string[]> | readonly string[];
  readonly complaint: RegExp;
  readonly needs?: readonly Need[];
}

async function withFile(directory: string, name: string, content: Uint8Array | string): Promise<string> {
  const path = `${directory}/${name}`;
  await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
  return path;
}

async function objectFile(directory: string, content: Uint8Array): Promise<readonly string[]> {
  return ["--object", `iomonitor=${await withFile(directory, "some.bpf.o", content)}`];
}

const BAD_INPUTS: readonly BadInput[] = [
  {
    what: "an object that does not exist",
    args: (directory) => ["--object", `iomonitor=${directory}/none.o`],
    complaint: /--object \S+\/none\.o: Cannot open .*: No such file or directory/,
  },
  {
    what: "an object that is cut off",
    args: (directory) => objectFile(directory, IOMONITOR_OBJECT.subarray(0, IOMONITOR_OBJECT.length / 2)),
    complaint: /--object \S+\/some\.bpf\.o: .*(?:offset|0x)/,
  },
  {
    what: "an empty object",
    args: (directory) => objectFile(directory, new Uint8Array()),
    complaint: /--object \S+\/some\.bpf\.o: .*ELF/,
  },
  {
    what: "a program of another machine type",
    args: () => ["--object", "iomonitor=/bin/true"],
    complaint: /--object iomonitor=\/bin\/true: .*BPF/,
  },
  {
    what: "an object for the other byte order",
    args: (directory) => {
      const flipped = IOMONITOR_OBJECT.slice();
      flipped[EI_DATA] = ELFDATA2MSB;
      return objectFile(directory, flipped);
    },
    complaint: /--object \S+\/some\.bpf\.o: .*byte order|big-endian/,
  },
  {
    what: "a directory as object",
    args: (directory) => ["--object", `iomonitor=${directory}`],
    complaint: /--object \S+: .*it is a directory, not a regular file/,
  },
  {
    what: "an object of no module",
    args: (directory) => ["--object", `${directory}/none.o`],
    complaint: /--object: expected one of iomonitor=FILE\b.*, got "\S+\/none\.o"/,
  },
  {
    what: "an unknown key",
    args: async (directory) => {
      const text = "collector:\n  ebpf:\n    com_prefix: x\n";
      return ["--config", await withFile(directory, "ktm.yaml", text)];
    },
    complaint: /ktm\.yaml: collector\.ebpf: unknown key com_prefix \(did you mean comm_prefix\?\)/,
  },
  {
    what: "the interval 0",
    args: () => ["--interval", "0"],
    complaint: /--interval: expected a duration like .*10s.*, got "0"/,
  },
  {
    what: "the interval banana",
    args: () => ["--interval", "banana"],
    complaint: /--interval: expected a duration like .*10s.*, got "banana"/,
  },
  {
    what: "a cgroup that does not exist",
    args: () => ["--cgroup-path", "no/such/cgroup"],
    complaint: /cgroup_path no\/such\/cgroup: it does not exist; name a directory below \//,
    needs: ["cgroup2"],
  },
  {
    what: "a directory that is no cgroup",
    args: () => ["--cgroup-path", "/usr"],
    complaint: /cgroup_path \/usr: it is not on a cgroup2 file system; name a directory below \//,
    needs: ["cgroup2"],
  },
];

/** Ten lists, each nine times the one before: 3.5 billion values in 500 bytes. */
const ALIAS_BOMB = [
  ...Array.from({ length: 10 }, (_, level) => {
    const elements = level === 0 ? "lol" : Array(9).fill(`*a${level - 1}`).join(",");
    return `a${level}: &a${level} [${elements}]`;
  }),
  "collector: {modules: *a9}",
].join("\n");

/** A configuration file with this text. */
function configured(name: string, text: string): (directory: string) => Promise<readonly string[]> {
  return async (directory) => ["--config", await withFile(directory, name, text)];
}

async function fifo(directory: string): Promise<string> {
  const path = `${directory}/fifo`;
  assert.equal((await output("mkfifo", path)).code, 0);
  return path;
}

const EBPF = "collector:\n  ebpf:\n    ";

const NO_USABLE_FILES: readonly BadInput[] = [
  ...[["--config", ""], ["--object", "iomonitor="]].flatMap(([option = "", before]) => [
    {
      what: `a pipe after ${option}`,
      args: async (directory: string) => [option, `${before}${await fifo(directory)}`],
      complaint: /Cannot use \S+\/fifo: it is a pipe, not a regular file/,
    },
    {
      what: `an endless device after ${option}`,
      args: () => [option, `${before}/dev/zero`],
      complaint: /Cannot use \/dev\/zero: it is a character device, not a regular file/,
    },
    {
      what: `a file that is too large after ${option}`,
      args: async (
        directory: string,
      ) => [option, `${before}${await withFile(directory, "large", new Uint8Array(2 ** 24 + 1))}`],
      complaint: /Cannot use \S+\/large: it is larger than \d+ bytes/,
    },
    {
      what: `a file of the kernel that would wait after ${option}`,
      args: () => [option, `${before}/proc/kmsg`],
      complaint: /\/proc\/kmsg/,
    },
  ]),
  {
    what: "aliases that make billions of values",
    args: configured("bomb.yaml", ALIAS_BOMB),
    complaint: /bomb\.yaml: its aliases make more than 262144 values and characters of it/,
  },
  {
    what: "a document that holds itself",
    args: configured("cycle.yaml", "collector: &a\n  ebpf: *a\n"),
    complaint: /cycle\.yaml: it is nested more than 32 levels deep, or holds itself/,
  },
  {
    what: "deep nesting",
    args: configured("deep.yaml", "[".repeat(60_000)),
    complaint: /deep\.yaml:?.*(?:nest)/,
  },
  {
    what: "NUL in comm_prefix",
    args: configured("nul.yaml", `${EBPF}comm_prefix: "a\\0b"\n`),
    complaint:
      /nul\.yaml: collector\.ebpf\.comm_prefix: expected a text .* without control characters, got "a\\u0000b"/,
  },
  {
    what: "a line break in comm_prefix",
    args: () => ["--comm-prefix", "a\nb"],
    complaint: /--comm-prefix: expected a text .* without control characters, got "a\\nb"/,
  },
  {
    what: "a comm_prefix that no comm can have",
    args: () => ["--comm-prefix", "x".repeat(16)],
    complaint: /--comm-prefix: expected a text of 1 to 15 bytes/,
  },
  {
    what: "NUL in cgroup_path",
    args: configured("nul.yaml", `${EBPF}cgroup_path: "a\\0b"\n`),
    complaint:
      /nul\.yaml: collector\.ebpf\.cgroup_path: expected .* without control characters, got "a\\u0000b"/,
  },
  {
    what: "a value of sixty kilobytes",
    args: configured("long.yaml", `log:\n  level: ${"x".repeat(60_000)}\n`),
    complaint: /long\.yaml: log\.level: expected one of .*, got "x{39}\u2026$/,
  },
];

/** The commands that attach; each takes the same options. */
const COMMANDS = ["run", "snapshot", "demo", "check"];

async function complaintOf(args: readonly string[], wrapper: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await ktm(args, wrapper);
  assert.equal(stdout, "");
  assert.equal(code, 2, stderr);
  const [line, rest] = stderr.split("\n");
  assert.equal(rest, "", `more than one line: ${stderr}`);
  return line!;
}

for (const { what, args, complaint, needs: wanted = [] } of [...BAD_INPUTS, ...NO_USABLE_FILES]) {
  Deno.test(needs(wanted, `every command refuses ${what}`, async () => {
    await using directory = await temporaryDirectory();
    const given = await args(directory.path);
    for (const command of COMMANDS) {
      assert.match(await complaintOf([command, ...given], []), new RegExp(`^ktm: .*(?:${complaint.source})`));
    }
  }));
}

Deno.test(needs(["strace", "cgroup2"], "bad input is refused before anything is asked of BPF", async () => {
  await using directory = await temporaryDirectory();
  const log = directory.file("strace");
  const strace = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=bpf,perf_event_open", "-o", log];
  for (const { args } of BAD_INPUTS) {
    await complaintOf(["snapshot", ...await args(directory.path)], strace);
    assert.doesNotMatch(await Deno.readTextFile(log), /\b(?:bpf|perf_event_open)\(/);
  }
}));
