/** `ktm top` on a terminal of its own, made by script(1), and without one. */
// Runs beside others.
import assert from "node:assert/strict";
import { Child, output } from "../support/child.ts";
import { ktmCommandLine, ROOT, startKtm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";
import { until } from "../support/until.ts";

const NEEDS = [...LIVE_KERNEL, "bash", "script"] as const;

const ENTER = "\x1b[?1049h";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/** Tells the terminal's settings before and after the program that follows, and that program's id and outcome. */
const SCRIPT = `
  stty rows 24 cols 80
  stty -g > before
  sh -c 'tty > tty; echo $$ > pid; exec "$@"' sh "$@"
  echo $? > code
  stty -g > after
`;

/** The command line of top, for a directory that is not the checkout. */
function topCommandLine(stage: Stage): string[] {
  const directory = Deno.realPathSync(ROOT);
  return ktmCommandLine(["top", "--interval", "50ms", "--comm-prefix", stage.prefix])
    .map((word) => word === "src/main.ts" ? `${directory}/${word}` : word)
    .map((word) => word === "-P=ktm" ? `--config=${directory}/deno.json -P=ktm` : word);
}

/** The agent's live view on a terminal with 24 rows and 80 columns. */
class Top implements AsyncDisposable {
  readonly #stage: Stage;
  readonly #child: Child;

  constructor(stage: Stage, env: Record<string, string> = {}, words = topCommandLine(stage)) {
    this.#stage = stage;
    Deno.writeTextFileSync(`${stage.directory}/run.sh`, `set -- ${words.join(" ")}\n${SCRIPT}`);
    this.#child = new Child("script", {
      args: ["--quiet", "--flush", "--command", "sh run.sh", "output"],
      cwd: stage.directory,
      stdin: "piped",
      env: { TERM: "xterm", ...env },
    });
  }

  read(file: string): string {
    return Deno.readTextFileSync(`${this.#stage.directory}/${file}`).trim();
  }

  /** Waits for text on the terminal. */
  async shown(pattern: RegExp): Promise<void> {
    await until(`${pattern} on the terminal`, () => {
      try {
        return pattern.test(this.read("output"));
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return false;
        throw error;
      }
    });
  }

  async type(keys: string): Promise<void> {
    await this.#child.write(keys);
  }

  /** Waits for the end, and checks that the terminal is as it was; gives what was written behind. */
  async left(code = 0): Promise<string> {
    await this.shown(/Script done/);
    assert.equal(this.read("code"), String(code));
    assert.equal(this.read("after"), this.read("before"));
    const output = this.read("output");
    assert.equal(output.split(ENTER).length, 2);
    const [, behind, ...more] = output.split(LEAVE);
    assert.equal(more.length, 0);
    // What script itself writes.
    return behind!.replace(/\s*Script done.*$/, "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}

/** The signals that end a program by default, but those that end this one as `q` does. */
const DEADLY = {
  SIGHUP: 1,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGUSR2: 12,
  SIGALRM: 14,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

const ENDINGS: Readonly<Record<string, (top: Top) => Promise<void>>> = {
  q: (top) => top.type("q"),
  "Ctrl-C": (top) => top.type("\x03"),
  SIGINT: (top) => Promise.resolve(Deno.kill(Number(top.read("pid")), "SIGINT")),
  SIGTERM: (top) => Promise.resolve(Deno.kill(Number(top.read("pid")), "SIGTERM")),
};

for (const [name, end] of Object.entries(ENDINGS)) {
  Deno.test(needs(NEEDS, `top leaves the terminal as it was after ${name}`, async () => {
    await using stage = new Stage();
    new Reader(stage, stage.prefix, stage.cgroup);
    await using top = new Top(stage);
    await top.shown(/mode {4}.*full/);
    assert.notEqual(top.read("before"), "");
    await end(top);
    assert.equal(await top.left(), "");
  }));
}

Deno.test(
  needs(NEEDS, "top leaves the terminal as it was after each signal that ends a program", async () => {
    for (const [name, number] of Object.entries(DEADLY)) {
      await using stage = new Stage();
      await using top = new Top(stage);
      await top.shown(/mode {4}.*waiting/);
      Deno.kill(Number(top.read("pid")), name as Deno.Signal);
      assert.equal(await top.left(128 + number), "", name);
    }
  }),
);

Deno.test(needs(NEEDS, "top gives the terminal back while it is stopped by SIGTSTP", async () => {
  await using stage = new Stage();
  await using top = new Top(stage);
  await top.shown(/mode {4}.*waiting/);
  const pid = Number(top.read("pid"));
  const modes = async () => (await output("stty", "-F", top.read("tty"), "-g")).stdout.trim();
  const raw = await modes();
  Deno.kill(pid, "SIGTSTP");
  await until("stop", () => /^State:\tT/m.test(Deno.readTextFileSync(`/proc/${pid}/status`)));
  assert.equal(await modes(), top.read("before"));
  assert.ok(top.read("output").endsWith(LEAVE));
  Deno.kill(pid, "SIGCONT");
  await until("raw terminal", async () => await modes() === raw);
  await until("second screen", () => top.read("output").split(ENTER).at(-1)!.includes("waiting"));
  await top.type("q");
  await top.shown(/Script done/);
  assert.equal(top.read("code"), "0");
  assert.equal(top.read("after"), top.read("before"));
}));

Deno.test(needs(NEEDS, "top shows a target that comes, ends and comes back", async () => {
  await using stage = new Stage();
  await using top = new Top(stage);
  await top.shown(/mode {4}.*waiting/);
  const first = new Reader(stage, stage.prefix, stage.cgroup);
  await top.shown(new RegExp(`process ${first.child.pid} `));
  first.child.kill("SIGKILL");
  await first.child.outcome();
  await top.shown(/target killed by SIGKILL|target ended/);
  const second = new Reader(stage, stage.prefix, stage.cgroup);
  await top.shown(new RegExp(`process ${second.child.pid} `));
  await top.type("q");
  assert.equal(await top.left(), "");
}));

Deno.test(needs(NEEDS, "top draws as many rows as the terminal has, also when that changes", async () => {
  await using stage = new Stage();
  await using top = new Top(stage);
  // Where the last row begins; there is no further one.
  await top.shown(/\[24;1H/);
  assert.doesNotMatch(top.read("output"), /\[25;1H/);
  await new Child("stty", { args: ["-F", top.read("tty"), "rows", "50", "cols", "200"] }).outcome();
  await top.shown(/\[50;1H/);
  await top.type("q");
  assert.equal(await top.left(), "");
}));

Deno.test(needs(NEEDS, "top colours what it shows, but not if NO_COLOR is set", async () => {
  for (const [value, isColoured] of [["", true], ["1", false]] as const) {
    await using stage = new Stage();
    await using top = new Top(stage, { NO_COLOR: value });
    await top.shown(/mode {4}.*waiting/);
    await top.type("q");
    assert.equal(await top.left(), "");
    assert.equal(/\[[\d;]+m/.test(top.read("output")), isColoured);
  }
}));

Deno.test(needs([...LIVE_KERNEL, "bash"], "top prints lines where there is no terminal", async () => {
  await using stage = new Stage();
  new Reader(stage, stage.prefix, stage.cgroup);
  await using child = startKtm(["top", "--interval", "50ms", "--comm-prefix", stage.prefix]);
  await child.said(/Watching the target mode=full/);
  child.kill("SIGTERM");
  const { code, stdout } = await child.outcome();
  assert.equal(code, 0);
  assert.match(stdout, /^(\S+Z {2}mode full {2}read \S+ .* {2}stalled \S+ {2}cpu \S+ .*\n)+$/);
}));

for (const failure of ["error", "rejection"]) {
  const name = `top leaves the terminal as it was after an ${failure} that nobody catches`;
  Deno.test(needs([...LIVE_KERNEL, "script"], name.replace("an rejection", "a rejection"), async () => {
    await using stage = new Stage();
    const program = await Deno.realPath(new URL("tests/cli/lost_error.ts", ROOT));
    await using top = new Top(stage, {}, [Deno.execPath(), "run", "--allow-ffi", program, failure]);
    // The error is told where it can be read: behind the screen.
    assert.match(await top.left(1), /Error: lost/);
  }));
}
