/** `ktm explain`, `/explain` and incidents on this machine's kernel, with a real program that reads. */
import assert from "node:assert/strict";
import { z } from "zod";
import schema from "../../docs/explanation.schema.json" with { type: "json" };
import type { Explanation } from "../../src/diagnosis/mod.ts";
import { type Agent, startAgent } from "../support/agent.ts";
import { type Child, output } from "../support/child.ts";
import { limitMemory, type MemoryLimit } from "../support/kernel/memory_limit.ts";
import { ktm, startKtm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { nightly } from "../support/nightly.ts";
import { PROGRAMS, Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";
import { makeSlowDisk, type SlowDisk } from "../support/target/slow_disk.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { DEADLINE_MS, until, within } from "../support/until.ts";

const SCHEMA = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);

const LIMIT_MB = 128;
/** Half of the limit is read all the time, and three quarters of it are wanted by somebody else. */
const HOT_MB = LIMIT_MB / 2;
const HOG_MB = 3 * LIMIT_MB / 4;

/** A baseline of some slots of five seconds each, and as many that differ from it. */
const PATIENCE_MS = 6 * DEADLINE_MS;

/** An explanation that is as its schema says. */
function parseExplanation(text: string): Explanation {
  const value: unknown = JSON.parse(text);
  assert.deepEqual(SCHEMA.parse(value), value);
  return value as Explanation;
}

/** What a database has beside its cgroup. */
interface Surroundings {
  readonly limit: MemoryLimit;
  readonly disk: SlowDisk;
}

/** A database: programs under its name, in its cgroup, and perhaps under one memory limit, with a slow disk. */
class Database implements AsyncDisposable {
  readonly #children: Child[] = [];
  readonly #stage: Stage;
  readonly #hot: string;
  /** By which files its programs enter their cgroups. */
  readonly #procs: readonly string[];

  constructor(stage: Stage, surroundings?: Surroundings) {
    this.#stage = stage;
    this.#hot = `${surroundings?.disk.folder ?? stage.directory}/hot`;
    this.#procs = surroundings ? [surroundings.limit.procs, ...surroundings.disk.procs] : [];
  }

  #fio(name: string, options: readonly string[]): Child {
    const { prefix, cgroup, directory } = this.#stage;
    const fio = this.#stage.copy(PROGRAMS.fio, `${prefix}-${name}`);
    const job = [
      `--name=${name}`,
      "--ioengine=psync",
      "--invalidate=0",
      "--thread",
      `--output=${directory}/${name}`,
    ];
    const enter = [...this.#procs.map((procs) => `echo 0 > ${procs}`), 'exec "$0" "$@"'].join(" && ");
    const child = this.#stage.start("sh", ["-c", enter, fio, ...job, ...options], cgroup);
    this.#children.push(child);
    return child;
  }

  /** Ends everything, so that the limit's cgroup can go. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) await child[Symbol.asyncDispose]();
  }

  /** Reads of a file that has just been written, and is cached. */
  async read(): Promise<void> {
    const file = [`--filename=${this.#hot}`, `--size=${HOT_MB}m`, "--bs=4k"];
    const { code, stderr } = await this.#fio("w", [...file, "--rw=write", "--end_fsync=1"]).outcome();
    assert.equal(code, 0, stderr);
    this.#fio("r", [
      ...file,
      "--rw=randread",
      "--norandommap",
      "--time_based",
      "--runtime=1h",
      "--rate_iops=2000",
    ]);
  }

  /** Has what is read in the cache again, by somebody for whom the disk is fast. */
  async warm(): Promise<void> {
    const { code, stderr } = await output("dd", `if=${this.#hot}`, "of=/dev/null", "bs=1M");
    assert.equal(code, 0, stderr);
  }

  /** Wants memory and keeps it. */
  hog(): Child {
    const buffer = [`--bs=${HOG_MB}m`, "--zero_buffers=1", "--filename=/dev/null", "--rw=write"];
    return this.#fio("a", [...buffer, "--size=1t", "--time_based", "--runtime=1h", "--rate_iops=1"]);
  }
}

async function explanationOf(agent: Agent): Promise<Explanation> {
  const { status, headers, text } = await agent.get("/explain");
  assert.deepEqual([status, headers.get("content-type")], [200, "application/json"]);
  return parseExplanation(text);
}

Deno.test(needs(
  [...LIVE_KERNEL, "fio", "blkio", "losetup", "mkfs.ext4", "mount"],
  "run says when reads begin to suffer from a memory limit and when that ends, and keeps the window",
  async () => {
    await using stage = new Stage();
    await using limit = limitMemory(stage, LIMIT_MB << 20);
    assert.ok(limit, "no memory controller is mounted");
    // However fast the machine's own one is.
    await using undo = new AsyncDisposableStack();
    await using database = new Database(stage, { limit, disk: await makeSlowDisk(undo) });
    await database.read();
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    const quiet = await until("baseline", async () => {
      const explanation = await explanationOf(agent);
      return explanation.compared !== null && explanation;
    }, PATIENCE_MS);
    assert.equal(quiet.incident, false, quiet.summary);

    const hog = database.hog();
    const [, cause] = await agent.child.said(/An incident has begun .*workload=(\S+)/, 1, PATIENCE_MS);
    assert.equal(cause, "W5");
    const bad = await explanationOf(agent);
    assert.deepEqual([bad.workload, bad.incident, bad.until], ["W5", true, null], bad.summary);
    assert.ok(bad.evidence.some(({ signal }) => signal === "memcg"));
    const { headers, text } = await agent.get("/explain", { headers: { accept: "text/plain" } });
    assert.match(headers.get("content-type")!, /^text\/plain/);
    assert.match(text, /^INCIDENT: W5, memory pressure\n\nReads have become slower since /);

    const [incident] = JSON.parse((await agent.get("/incidents")).text);
    assert.deepEqual([incident.number, incident.until, incident.window], [1, null, "/incidents/1"]);
    const kept = await agent.get(incident.window);
    const path = `${stage.directory}/window.json`;
    await Deno.writeTextFile(path, kept.text);
    const { code, stdout, stderr } = await ktm(["explain", "--from", path, "--json"]);
    assert.equal(code, 0, stderr);
    assert.deepEqual([parseExplanation(stdout).workload, parseExplanation(stdout).incident], ["W5", true]);

    hog.kill("SIGKILL");
    await hog.outcome();
    await database.warm();
    await agent.child.said(/The incident has ended .*workload=W5/, 1, PATIENCE_MS);
    const [over] = JSON.parse((await agent.get("/incidents")).text);
    assert.ok(Date.parse(over.until) > Date.parse(over.since));
  },
));

Deno.test(nightly(
  needs([...LIVE_KERNEL, "fio"], "explain finds no incident where reads stay as they are", async () => {
    await using stage = new Stage();
    await using database = new Database(stage);
    await database.read();
    const { code, stdout, stderr } = await ktm([
      "explain",
      "--duration",
      "15s",
      "--json",
      "--comm-prefix",
      stage.prefix,
    ]);
    assert.equal(code, 0, stderr);
    const { incident, workload, compared, summary } = parseExplanation(stdout);
    assert.deepEqual([incident, workload], [false, "no change"], summary);
    assert.ok(compared!.baseline.calls > 1000 && compared!.recent.calls > 1000);
  }),
));

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "explain ends early with SIGINT, and explains what it has seen",
    async () => {
      await using stage = new Stage();
      const reader = new Reader(stage, stage.prefix, stage.cgroup);
      await using child = startKtm(["explain", "--duration", "10m", "--comm-prefix", stage.prefix]);
      await child.said(/Watching the target mode=full/);
      await reader.read(10);
      child.kill("SIGINT");
      const { code, stdout } = await child.outcome();
      assert.equal(code, 0);
      assert.match(stdout, /^No incident: not enough data\n/);
    },
  ),
);

Deno.test(needs(LIVE_KERNEL, "explain without a target says so and fails", async () => {
  const { code, stdout, stderr } = await ktm([
    "explain",
    "--duration",
    "100ms",
    "--comm-prefix",
    "nobody-at-all",
  ]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^ktm: Cannot explain anything: no process in \/proc has a comm that starts with/m);
}));

const BROKEN: readonly (readonly [text: string, problem: RegExp])[] = [
  ["", /it is no JSON/],
  ["{", /it is no JSON/],
  ["[]", /; \/incidents is a list, its dumps are \/incidents\/N$/],
  ['{"version":3,"sources":[]}', /version: expected 1 or 2, got 3$/],
  [
    '{"version":1,"sources":[{"source":"io","timesMs":[1],"series":[{}]}]}',
    /sources\[0\]\.series\[0\]: name is missing$/,
  ],
];

Deno.test("explain says what is wrong with a dump, in one line, and fails", async () => {
  const path = await Deno.makeTempFile();
  try {
    for (const [text, problem] of BROKEN) {
      await Deno.writeTextFile(path, text);
      const { code, stdout, stderr } = await ktm(["explain", "--from", path]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.ok(stderr.startsWith(`ktm: Cannot read the dump ${path}: `), stderr);
      assert.match(stderr, /^.*\n$/);
      assert.match(stderr.trim(), problem);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("explain does not read for ever, and names what it cannot read", async () => {
  const endless = await ktm(["explain", "--from", "/dev/zero"]);
  assert.deepEqual([endless.code, endless.stdout], [1, ""]);
  assert.match(endless.stderr, /^ktm: Cannot read \/dev\/zero: it is longer than 134217728 bytes\n$/);
  const absent = await ktm(["explain", "--from", "/nowhere"]);
  assert.deepEqual([absent.code, absent.stdout], [1, ""]);
  assert.match(absent.stderr, /^ktm: Cannot open \/nowhere: No such file or directory/);
});

Deno.test("explain reads a dump from standard input", async () => {
  const command = ["sh", "-c", `echo '{"version":1,"sources":[]}' | "$@"`, "sh"];
  const { code, stdout, stderr } = await ktm(["explain", "--from", "-"], command);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^No incident: not enough data\n/);
});

Deno.test("explain names standard input where that is no dump", async () => {
  const { code, stderr } = await ktm(["explain", "--from", "-"], [
    "sh",
    "-c",
    'echo "Not found" | "$@"',
    "sh",
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /^ktm: Cannot read the dump standard input: it is no JSON: /);
});

/** Options that say how to observe, with a value. */
const OBSERVING: readonly (readonly string[])[] = [
  ["--duration", "5s"],
  ["--comm-prefix", "db"],
  ["--cgroup-path", "db"],
  ["--comm-fallback", "never"],
  ["--object", "x.o"],
  ["--strategies", "fentry"],
];

Deno.test("explain refuses options without an effect on a dump, before it reads it", async () => {
  for (const option of OBSERVING) {
    const { code, stdout, stderr } = await ktm(["explain", "--from", "/nowhere", ...option]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.equal(stderr, `ktm: ${option[0]} has no effect with --from: leave out one of the two\n`);
  }
  const interval = await ktm(["explain", "--from", "/nowhere", "--interval", "1s"]);
  assert.deepEqual([interval.code, interval.stdout], [2, ""]);
});

Deno.test("explain refuses to observe without a module that times reads", async () => {
  const without = await ktm(["explain", "--duration", "1s", "--modules", "procmonitor,writemonitor"]);
  assert.equal(without.code, 2);
  assert.match(without.stderr, /none of procmonitor, writemonitor times them: add iomonitor/);
  const unknown = await ktm(["explain", "--duration", "1s", "--modules", "procmonitr"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /Unknown module "procmonitr"/);
});

Deno.test("explain takes thresholds, a configuration and the form of the output with a dump", async () => {
  await using directory = await temporaryDirectory();
  const [dump, config] = [directory.file("dump.json"), directory.file("ktm.yaml")];
  await Deno.writeTextFile(dump, '{"version":1,"sources":[]}');
  await Deno.writeTextFile(config, "diagnosis: { latency_rise: 3 }\n");
  const options = ["--config", config, "--latency-floor", "1ms", "--fewest-calls", "9", "--json"];
  const { code, stdout, stderr } = await ktm(["explain", "--from", dump, ...options]);
  assert.equal(code, 0, stderr);
  assert.equal(parseExplanation(stdout).incident, false);
});

Deno.test("explain ends by SIGINT while it waits for a dump that nobody writes", async () => {
  await using directory = await temporaryDirectory();
  const fifo = directory.file("fifo");
  assert.equal((await output("mkfifo", fifo)).code, 0);
  await using child = startKtm(["explain", "--from", fifo]);
  // It is in open(2), which waits for a writer.
  await until("open", () => Deno.readTextFileSync(`/proc/${child.pid}/wchan`).includes("wait_for_partner"));
  child.kill("SIGINT");
  assert.equal((await within("end", 2000, child.outcome())).code, 130);
});

Deno.test("explain refuses a dump without end", async () => {
  const { code, stderr } = await ktm(["explain", "--from", "/dev/zero"]);
  assert.equal(code, 1);
  assert.match(stderr, /^ktm: Cannot read \/dev\/zero: it is longer than \d+ bytes\n$/);
});
