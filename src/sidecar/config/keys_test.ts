import assert from "node:assert/strict";
import { ConfigError, configFrom, type Override } from "./config.ts";
import { parseFile } from "./file.ts";
import { CONFIG_KEYS, DEFAULT_CONFIG, isKey, type KeyGroup, writeValue } from "./keys.ts";
import { WRITTEN } from "./testing_written.ts";

function pathsIn(group: KeyGroup, prefix = ""): string[] {
  return Object.entries(group).flatMap(([name, node]) =>
    isKey(node) ? [prefix + name] : pathsIn(node, `${prefix}${name}.`)
  );
}

function valueAt(tree: unknown, path: string): unknown {
  return path.split(".").reduce((node, name) => (node as Record<string, unknown>)[name], tree);
}

/** A file with one key in it. */
function fileWith(path: string, value: string): string {
  return path.split(".").reduceRight((inner, name) => `{${name}: ${inner}}`, value);
}

Deno.test("writeValue() gives every key's value as it stands in the file", () => {
  assert.deepEqual(pathsIn(CONFIG_KEYS), Object.keys(WRITTEN));
  for (const [path, text] of Object.entries(WRITTEN)) {
    const config = configFrom(parseFile(fileWith(path, `${text.includes("::") ? `"${text}"` : text}`), "a"));
    assert.equal(writeValue(path, valueAt(config, path)), text);
  }
});

Deno.test("writeValue() says which keys are not set", () => {
  for (const path of ["recorder.file", "exporter.listen"]) {
    assert.equal(writeValue(path, valueAt(DEFAULT_CONFIG, path)), "not set");
  }
  assert.equal(writeValue("exporter.allowed_hosts", DEFAULT_CONFIG.exporter.allowed_hosts), "[]");
});

Deno.test("no key shows more than the beginning of a value that may be a secret", () => {
  const secret = "s3cr3t".repeat(200);
  const complaints = Object.keys(WRITTEN).flatMap((path) => {
    try {
      const override: Override = { flag: "--flag", path, value: [secret] };
      configFrom(parseFile(fileWith(path, secret), "a"), [override]);
    } catch (error) {
      assert(error instanceof ConfigError);
      return error.problems;
    }
    // A path or a name may be as long as this one.
    return [];
  });
  assert.ok(complaints.length > 12, `${complaints.length}`);
  for (const complaint of complaints) assert.ok(!complaint.includes(secret.slice(0, 48)), complaint);
});

Deno.test("no problem of a file shows more than the beginning of a word", () => {
  const secret = "s3cr3t".repeat(200);
  for (const text of [`{${secret}: 1}`, `log: *${secret}`, `log: !${secret} 1`, secret, `[${secret}`]) {
    assert.throws(() => configFrom(parseFile(text, "a")), (error) => {
      assert(error instanceof ConfigError);
      for (const problem of error.problems) assert.ok(!problem.includes(secret.slice(0, 48)), problem);
      return true;
    }, text);
  }
});
