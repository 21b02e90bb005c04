/** Bad input through the command line: one line that says what, where and what to do; exit code 2; nothing left. */
import assert from "node:assert/strict";
import { IOMONITOR_OBJECT } from "../src/collector/mod.ts";
import { ktm } from "./support/ktm.ts";
import { type Need, needs } from "./support/needs.ts";
import { temporaryDirectory } from "./support/temp_dir.ts";

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
  return ["--object", await withFile(directory, "some.bpf.o", content)];
}

const BAD_INPUTS: readonly BadInput[] = [
  {
    what: "an object that does not exist",
    args: (directory) => ["--object", `${directory}/none.o`],
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
    args: () => ["--object", "/bin/true"],
    complaint: /--object \/bin\/true: .*BPF/,
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
    args: (directory) => ["--object", directory],
    complaint: /--object \S+: .*Is a directory/,
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

for (const { what, args, complaint, needs: wanted = [] } of BAD_INPUTS) {
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
