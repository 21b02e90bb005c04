import assert from "node:assert/strict";
import type { Command, CommandLine } from "../command.ts";
import { COMMANDS } from "../commands.ts";
import { parseCommandLine } from "./parse.ts";
import { UsageError } from "./usage_error.ts";

function parsed(...args: string[]): { command: Command; line: CommandLine } {
  const request = parseCommandLine(args);
  assert(request.kind === "run");
  return request;
}

/** The message about arguments that cannot be understood. */
function complaint(...args: string[]): string {
  try {
    parseCommandLine(args);
  } catch (error) {
    assert(error instanceof UsageError);
    assert(!error.message.includes("\n"));
    return error.message;
  }
  return assert.fail(`understood ${args.join(" ")}`);
}

Deno.test("parseCommandLine() finds every command by its name", () => {
  for (const { name } of COMMANDS) assert.equal(parsed(name).command.name, name);
});

Deno.test("parseCommandLine() takes arguments without a command for those of run", () => {
  assert.equal(parsed().command.name, "run");
  const { command, line } = parsed("--interval", "5s");
  assert.equal(command.name, "run");
  assert.equal(line.flags.text("interval"), "5s");
});

Deno.test("parseCommandLine() gives flags their values, defaults, and none", () => {
  const { flags } = parsed("snapshot", "--duration=1m30s", "--config", "a.yaml").line;
  assert.equal(flags.duration("duration"), 90_000);
  assert.equal(flags.text("format"), "prometheus");
  assert.equal(flags.text("config"), "a.yaml");
  assert.equal(flags.text("object"), undefined);
  assert.equal(parsed("check", "--json").line.flags.has("json"), true);
  assert.equal(parsed("check").line.flags.has("json"), false);
});

Deno.test("parseCommandLine() makes overrides of the configuration from what is given, not from defaults", () => {
  const { flags } = parsed("run", "--comm-prefix", "db", "--modules", "a,b", "--config", "x.yaml").line;
  assert.deepEqual(flags.overrides(), [
    { flag: "--comm-prefix", path: "collector.ebpf.comm_prefix", value: "db" },
    { flag: "--modules", path: "collector.modules", value: ["a", "b"] },
  ]);
});

Deno.test("parseCommandLine() understands help of the program and of every command", () => {
  for (const args of [["--help"], ["-h"], ["--interval", "5s", "--help"]]) {
    assert.deepEqual(parseCommandLine(args), { kind: "help", command: undefined });
  }
  for (const command of COMMANDS.filter(({ internal }) => !internal)) {
    assert.deepEqual(parseCommandLine([command.name, "-h"]), { kind: "help", command });
  }
});

Deno.test("parseCommandLine() takes the word help, alone and before a command", () => {
  for (const args of [["help"], ["help", "--help"]]) {
    assert.deepEqual(parseCommandLine(args), { kind: "help", command: undefined });
  }
  for (const command of COMMANDS.filter(({ internal }) => !internal)) {
    assert.deepEqual(parseCommandLine(["help", command.name]), { kind: "help", command });
  }
  assert.equal(complaint("help", "chekc"), "Unknown command chekc (did you mean check?): run ktm --help");
  assert.match(complaint("help", "demo-workload"), /^Unknown command demo-workload/);
  assert.match(complaint("help", "run", "check"), /^Unexpected argument "check"/);
});

Deno.test("parseCommandLine() prefers help to a complaint", () => {
  assert.equal(parseCommandLine(["snapshot", "--duration", "--help"]).kind, "help");
  assert.equal(parseCommandLine(["run", "--banana", "--help"]).kind, "help");
});

Deno.test("parseCommandLine() takes --version and -V in place of a command only", () => {
  assert.equal(parsed("--version").command.name, "version");
  assert.equal(parsed("-V").command.name, "version");
  assert.match(complaint("check", "-V"), /^Unknown option -V/);
});

Deno.test("parseCommandLine() leaves the arguments of an internal command alone", () => {
  const { line } = parsed("demo-workload", "--help", "--x=1", "y");
  assert.deepEqual(line.args, ["--help", "--x=1", "y"]);
});

Deno.test("parseCommandLine() names what it does not know, guesses, and tells where help is", () => {
  assert.equal(complaint("chekc"), "Unknown command chekc (did you mean check?): run ktm --help");
  assert.equal(complaint("banana"), "Unknown command banana: run ktm --help");
  assert.equal(
    complaint("snapshot", "--duratoin", "5s"),
    "Unknown option --duratoin (did you mean --duration?): run ktm snapshot --help",
  );
  assert.match(complaint("--banana=5"), /^Unknown option --banana: run ktm run --help$/);
  assert.match(complaint("check", "--listen", "x:1"), /^Unknown option --listen/);
  assert.match(complaint("check", "extra"), /^Unexpected argument "extra"/);
  assert.match(complaint("check", "--", "--json"), /^Unknown option --json/);
});

Deno.test("parseCommandLine() never proposes an internal command", () => {
  assert.doesNotMatch(complaint("demo-workloat"), /demo-workload/);
});

Deno.test("parseCommandLine() rejects an option without a value", () => {
  for (
    const args of [["--interval"], ["--interval="], ["--interval", ""], ["--interval", "--listen", "x:1"]]
  ) {
    assert.equal(complaint("run", ...args), "Option --interval needs a value: run ktm run --help");
  }
});

Deno.test("parseCommandLine() rejects an option that is given more than once", () => {
  assert.match(
    complaint("run", "--interval", "1s", "--interval=2s"),
    /^Option --interval is given more than once/,
  );
});

Deno.test("parseCommandLine() checks values that are no configuration keys", () => {
  assert.match(
    complaint("snapshot", "--duration", "10"),
    /^--duration: expected a duration like .*, got "10"$/,
  );
  assert.match(complaint("snapshot", "--format", "xml"), /^--format: expected one of .*json.*, got "xml"$/);
});

Deno.test("parseCommandLine() takes a lone dash for a value, but not for an argument", () => {
  for (const args of [["--from", "-", "--json"], ["--json", "--from=-"]]) {
    const request = parseCommandLine(["explain", ...args]);
    assert(request.kind === "run");
    assert.deepEqual([request.line.flags.text("from"), request.line.flags.has("json")], ["-", true]);
  }
  assert.match(complaint("explain", "--json", "-"), /^Unexpected argument|^Unknown option -/);
});
