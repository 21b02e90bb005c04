/** Runs the real program as a child process, with its own permissions and no others. */
import assert from "node:assert/strict";

const ROOT = new URL("../..", import.meta.url);

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  /** Lines of standard error. */
  readonly problems: readonly string[];
}

function command(args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=ktm", "--no-prompt", "src/main.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    ...options,
  });
}

async function ktm(...args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await command(args).output();
  const decoder = new TextDecoder();
  const problems = decoder.decode(stderr).split("\n").filter((line) => line !== "");
  return { code, stdout: decoder.decode(stdout), problems };
}

/** Asserts that the program says exactly these things, one line each, prints nothing, and exits with 2. */
async function assertRefused(args: string[], ...problems: RegExp[]): Promise<void> {
  const outcome = await ktm(...args);
  assert.equal(outcome.stdout, "");
  assert.equal(outcome.problems.length, problems.length, outcome.problems.join("\n"));
  for (const [index, problem] of problems.entries()) assert.match(outcome.problems[index]!, problem);
  assert.equal(outcome.code, 2);
}

async function withConfig(text: string, use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(path, text);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("ktm --help prints help on standard output and succeeds", async () => {
  const outcome = await ktm("--help");
  assert.match(outcome.stdout, /^Usage: ktm \[command\] \[options\]$/m);
  assert.deepEqual(outcome.problems, []);
  assert.equal(outcome.code, 0);
});

Deno.test("ktm <command> --help prints the command's help and succeeds", async () => {
  const outcome = await ktm("snapshot", "--help");
  assert.match(outcome.stdout, /^Usage: ktm snapshot \[options\]$/m);
  assert.deepEqual(outcome.problems, []);
  assert.equal(outcome.code, 0);
});

Deno.test("ktm version, --version and -V print the versions and succeed", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const { os, arch } = Deno.build;
  for (const word of ["version", "--version", "-V"]) {
    const outcome = await ktm(word);
    assert.equal(outcome.stdout, `ktm ${version} (deno ${Deno.version.deno}, ${os} ${arch})\n`);
    assert.deepEqual(outcome.problems, []);
    assert.equal(outcome.code, 0);
  }
});

Deno.test("ktm refuses an unknown command", async () => {
  await assertRefused(["chekc"], /^ktm: Unknown command chekc \(did you mean check\?\): run ktm --help$/);
});

Deno.test("ktm refuses an unknown option", async () => {
  await assertRefused(["run", "--banana"], /^ktm: Unknown option --banana: run ktm run --help$/);
});

Deno.test("ktm refuses an interval that is no duration", async () => {
  for (const value of ["0", "banana", "10"]) {
    const problem = new RegExp(`^ktm: --interval: expected a duration like .*10s.*, got "${value}"$`);
    await assertRefused(["--interval", value], problem);
  }
});

Deno.test("ktm refuses a configuration with an unknown key and a bad value, one line each", async () => {
  await withConfig("collector:\n  intervall: 5s\nlog:\n  level: loud\n", async (path) => {
    await assertRefused(
      ["run", "--config", path],
      /: collector: unknown key intervall \(did you mean interval\?\)$/,
      /: log\.level: expected one of debug, info, warn, error, got "loud"$/,
    );
  });
});

Deno.test("ktm refuses a configuration that is not YAML, naming file and line", async () => {
  await withConfig("log:\n  level: info\n  level: warn\n", async (path) => {
    await assertRefused(
      ["check", "--config", path],
      new RegExp(`^ktm: ${RegExp.escape(path)}:3: .*duplicate`),
    );
  });
});

Deno.test("ktm refuses a configuration file that does not exist", async () => {
  const path = "/nowhere/ktm.yaml";
  await assertRefused(
    ["--config", path],
    /^ktm: Cannot open \/nowhere\/ktm\.yaml: No such file or directory/,
  );
});

Deno.test("ktm ends quietly when nobody reads its output", async () => {
  const child = command(["--help"], { stdout: "piped", stderr: "piped" }).spawn();
  await child.stdout.cancel();
  const errors = await new Response(child.stderr).text();
  assert.equal(errors, "");
  assert.equal((await child.status).code, 0);
});
