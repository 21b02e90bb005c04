import assert from "node:assert/strict";
import { processId } from "../../syscall/mod.ts";
import { type Config, ConfigError, configFrom, loadConfig, type Override } from "./config.ts";
import { parseFile } from "./file.ts";

// Opens libc, which stays open, before the resource sanitizer starts to look.
processId();

/** A configuration from the text of a file. */
function parseConfig(text: string, source: string, overrides: readonly Override[] = []): Config {
  return configFrom(parseFile(text, source), overrides);
}

const DEFAULTS: Config = {
  collector: {
    interval: 10_000,
    modules: ["iomonitor", "procmonitor"],
    ebpf: { comm_prefix: "banyand", comm_fallback: "when-unset" },
  },
  recorder: {},
  diagnosis: { latency_floor: 256_000, latency_rise: 2, fewest_calls: 200, pressure_rise: 2.5 },
  exporter: { allowed_hosts: [] },
  log: { level: "info", format: "text" },
};

const COMPLETE = `
collector:
  interval: 1m30s
  modules: [iomonitor, other]
  ebpf:
    cgroup_path: /sys/fs/cgroup/db
    comm_prefix: banyand-data
    comm_fallback: always
recorder:
  memory_limit: 64MiB
  file: /run/ktm/recorder
diagnosis:
  latency_floor: 1ms
  latency_rise: 3
  fewest_calls: 1000
  pressure_rise: 2.5
exporter:
  listen: 127.0.0.1:9090
  allowed_hosts: [KTM.Example., db1]
log:
  level: debug
  format: json
`;

/** What is wrong with a configuration that is called ktm.yaml. */
function problems(text: string, overrides: readonly Override[] = []): readonly string[] {
  try {
    parseConfig(text, "ktm.yaml", overrides);
  } catch (error) {
    assert(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

Deno.test("parseConfig() of nothing gives the defaults", () => {
  assert.deepEqual(parseConfig("", "ktm.yaml"), DEFAULTS);
});

Deno.test("parseConfig() takes a section whose keys are all commented out for empty", () => {
  assert.deepEqual(
    parseConfig("collector:\n  ebpf:\n    # comm_prefix: x\nrecorder:\nlog:\n", "ktm.yaml"),
    DEFAULTS,
  );
});

Deno.test("parseConfig() resolves every key", () => {
  assert.deepEqual(parseConfig(COMPLETE, "ktm.yaml"), {
    collector: {
      interval: 90_000,
      modules: ["iomonitor", "other"],
      ebpf: {
        cgroup_path: "/sys/fs/cgroup/db",
        comm_prefix: "banyand-data",
        comm_fallback: "always",
      },
    },
    recorder: { memory_limit: 64 * 1024 * 1024, file: "/run/ktm/recorder" },
    diagnosis: { latency_floor: 1_000_000, latency_rise: 3, fewest_calls: 1000, pressure_rise: 2.5 },
    exporter: { listen: { hostname: "127.0.0.1", port: 9090 }, allowed_hosts: ["ktm.example", "db1"] },
    log: { level: "debug", format: "json" },
  });
});

Deno.test("parseConfig() puts a flag before the file and the file before the default", () => {
  const overrides = [
    { flag: "--interval", path: "collector.interval", value: "1s" },
    { flag: "--modules", path: "collector.modules", value: ["a", "b"] },
    { flag: "--listen", path: "exporter.listen", value: "[::1]:80" },
  ];
  const config = parseConfig(
    "collector: {interval: 5s, ebpf: {comm_prefix: db}}\nexporter:\n",
    "ktm.yaml",
    overrides,
  );
  assert.equal(config.collector.interval, 1000);
  assert.deepEqual(config.collector.modules, ["a", "b"]);
  assert.deepEqual(config.exporter.listen, { hostname: "::1", port: 80 });
  assert.equal(config.collector.ebpf.comm_prefix, "db");
  assert.equal(config.log.level, DEFAULTS.log.level);
});

Deno.test("parseConfig() takes a list of host names that may be empty, without ports", () => {
  const read = (text: string) => parseConfig(`exporter: {allowed_hosts: ${text}}`, "ktm.yaml");
  assert.deepEqual(read("[]").exporter.allowed_hosts, []);
  for (const name of ["ktm.example:9090", "a b", ""]) {
    const complaint =
      `ktm.yaml: exporter.allowed_hosts.0: expected a host name like ktm.example, got "${name}"`;
    assert.deepEqual(problems(`exporter: {allowed_hosts: ["${name}"]}`), [complaint]);
  }
});

Deno.test("parseConfig() reads plain bytes", () => {
  assert.equal(parseConfig("recorder: {memory_limit: 1048576}", "ktm.yaml").recorder.memory_limit, 1048576);
});

Deno.test("parseConfig() names file, path, expectation and value of each bad key", () => {
  const cases: [string, RegExp][] = [
    [
      "collector: {interval: banana}",
      /^ktm\.yaml: collector\.interval: expected a duration like .*, got "banana"$/,
    ],
    ["collector: {interval: 10}", /^ktm\.yaml: collector\.interval: expected a duration like .*, got "10"$/],
    [
      "collector: {interval: 0s}",
      /^ktm\.yaml: collector\.interval: expected a duration from 1ms .*, got "0s"$/,
    ],
    ["collector: {interval: }", /^ktm\.yaml: collector\.interval: expected a duration .*, got "null"$/],
    [
      "collector: {modules: iomonitor}",
      /^ktm\.yaml: collector\.modules: expected a list .*, got "iomonitor"$/,
    ],
    ["collector: {modules: []}", /^ktm\.yaml: collector\.modules: expected a list .*, got \[\]$/],
    ["collector: {modules: [a, 1]}", /^ktm\.yaml: collector\.modules\.1: expected a module name, got 1$/],
    [
      "collector: {ebpf: {cgroup_path: ''}}",
      /^ktm\.yaml: collector\.ebpf\.cgroup_path: expected .*, got ""$/,
    ],
    [
      "collector: {ebpf: {comm_fallback: on}}",
      /comm_fallback: expected one of always, when-unset, never, got "on"$/,
    ],
    ["recorder: {memory_limit: lots}", /^ktm\.yaml: recorder\.memory_limit: expected a size .*, got "lots"$/],
    [
      "recorder: {file: recorder}",
      /^ktm\.yaml: recorder\.file: expected the absolute path of a file, got .*$/,
    ],
    [
      "recorder: {file: /run/ktm/}",
      /^ktm\.yaml: recorder\.file: expected the absolute path .*, got "\/run\/ktm\/"$/,
    ],
    ['recorder: {file: "/run/a\\0b"}', /^ktm\.yaml: recorder\.file: expected .*, got "\/run\/a\\u0000b"$/],
    ["recorder: {file: ''}", /^ktm\.yaml: recorder\.file: expected .*, got ""$/],
    ["exporter: {listen: 9090}", /^ktm\.yaml: exporter\.listen: expected a host and a port .*, got "9090"$/],
    ["log: {level: loud}", /^ktm\.yaml: log\.level: expected one of .*, got "loud"$/],
    ["log: verbose", /^ktm\.yaml: log: expected keys with values, got "verbose"$/],
    ["- a", /^ktm\.yaml: expected keys with values, got \["a"\]$/],
  ];
  for (const [text, problem] of cases) {
    const found = problems(text);
    assert.equal(found.length, 1, text);
    assert.match(found[0]!, problem);
  }
});

Deno.test("parseConfig() measures comm_prefix in bytes of UTF-8", () => {
  const prefix = (text: string) => problems(`collector: {ebpf: {comm_prefix: ${text}}}`);
  assert.deepEqual(prefix("a".repeat(15)), []);
  assert.deepEqual(prefix("\u00e4".repeat(7)), []);
  for (const text of ["a".repeat(16), "\u00e4".repeat(8), "''"]) {
    assert.match(prefix(text)[0]!, /comm_prefix: expected a text of 1 to 15 bytes/, text);
  }
});

Deno.test("parseConfig() reports all problems together, unknown keys with a guess", () => {
  const text = "colector: {}\ncollector: {intervall: 5s, banana: 1, interval: banana}\nlog: {level: loud}\n";
  const found = problems(text);
  assert.equal(found.length, 5);
  for (
    const line of [
      "ktm.yaml: unknown key colector (did you mean collector?)",
      "ktm.yaml: collector: unknown key intervall (did you mean interval?)",
      "ktm.yaml: collector: unknown key banana",
    ]
  ) assert(found.includes(line), line);
});

Deno.test("parseConfig() names the flag of a bad flag value, beside the problems of the file", () => {
  const found = problems("log: {level: loud}", [
    { flag: "--interval", path: "collector.interval", value: "banana" },
    { flag: "--modules", path: "collector.modules", value: [""] },
  ]);
  assert.equal(found.length, 3);
  assert.match(found[0]!, /^ktm\.yaml: log\.level: /);
  assert.match(found[1]!, /^--interval: expected a duration like .*, got "banana"$/);
  assert.match(found[2]!, /^--modules: expected a module name, got ""$/);
});

Deno.test("parseConfig() reports broken YAML in one line with file and line", () => {
  for (const text of ["log:\n  level: [info\n", "a: 1\nb: 2\na: 3\n", "a: b\n c: d\n"]) {
    const found = problems(text);
    assert.equal(found.length, 1);
    assert.match(found[0]!, /^ktm\.yaml:[1-4]: [^\n]+$/);
  }
  assert.match(problems("a: 1\nb: 2\na: 3\n")[0]!, /^ktm\.yaml:3: /);
  assert.match(problems("--- {}\n--- {}\n")[0]!, /^ktm\.yaml: .*1 document/);
});

Deno.test("loadConfig() without a file gives the defaults and the overrides", async () => {
  assert.deepEqual(await loadConfig(undefined), DEFAULTS);
  const level = { flag: "--log-level", path: "log.level", value: "error" };
  assert.equal((await loadConfig(undefined, [level])).log.level, "error");
});

Deno.test("loadConfig() checks a flag without a file as with one", async () => {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    const overrides: Override[] = [
      ["collector.interval", "banana"],
      ["collector.modules", ["a", "", ""]],
      ["collector.modules", []],
      ["collector.modules", "iomonitor"],
      ["collector.ebpf.cgroup_path", ""],
      ["collector.ebpf.comm_prefix", "a".repeat(16)],
      ["collector.ebpf.comm_fallback", "on"],
      ["recorder.memory_limit", "lots"],
      ["recorder.file", "recorder"],
      ["exporter.listen", "9090"],
      ["log.level", "loud"],
      ["log.format", "xml"],
    ].map(([path, value], index) => ({ flag: `--flag-${index}`, path, value }) as Override);
    const problems = async (file: string | undefined) => {
      const error = await loadConfig(file, overrides).catch((error) => error);
      assert(error instanceof ConfigError);
      return error.problems;
    };
    const found = await problems(undefined);
    assert.deepEqual(await problems(path), found);
    assert.deepEqual(
      found.map((problem) => problem.split(":")[0]),
      [0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((index) => `--flag-${index}`),
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("loadConfig() reads a file and calls its problems by its path", async () => {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(path, COMPLETE);
    assert.equal((await loadConfig(path)).collector.interval, 90_000);
    await Deno.writeTextFile(path, "banana: 1\n");
    await assert.rejects(loadConfig(path), {
      name: "ConfigError",
      problems: [`${path}: unknown key banana`],
    });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("loadConfig() names a file that does not exist", async () => {
  await assert.rejects(loadConfig("/nowhere/ktm.yaml"), (error) => {
    assert(error instanceof ConfigError);
    assert.match(error.problems.join(), /^Cannot open \/nowhere\/ktm\.yaml: No such file or directory/);
    return true;
  });
});

Deno.test("parseFile() counts what a file has without its comment lines", () => {
  const comments = `  # ${"x".repeat(998)}\n`.repeat(900);
  assert.equal(parseFile(`${comments}log:\n  level: debug\n`, "f").config?.log.level, "debug");
  assert.throws(() => parseFile(`# a\n[${"{a: 1},".repeat(10_000)}]`, "f"), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(error.problems, ["f: it has more than 65536 characters without its comments"]);
    return true;
  });
});
