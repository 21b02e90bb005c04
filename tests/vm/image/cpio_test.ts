import assert from "node:assert/strict";
import { encodeCpio, type Entry } from "./cpio.ts";

const HEADER_LENGTH = 110;

async function encodeText(entries: readonly Entry[]): Promise<string> {
  const parts = await Array.fromAsync(encodeCpio(entries));
  return parts.map((part) => new TextDecoder("latin1").decode(part)).join("");
}

/** The names in an archive whose entries have no data. */
function namesIn(text: string): string[] {
  return text.split("070701").slice(1).map((entry) => entry.slice(HEADER_LENGTH - 6).replace(/\0+$/, ""));
}

/** A header's 13 numbers after the magic. */
function fieldsAt(text: string, offset: number): number[] {
  assert.equal(text.slice(offset, offset + 6), "070701");
  return Array.from(
    { length: 13 },
    (_, i) => parseInt(text.slice(offset + 6 + 8 * i, offset + 14 + 8 * i), 16),
  );
}

Deno.test("encodeCpio() writes mode, size and name, and fills header and data up to 4 bytes", async () => {
  const data = new TextEncoder().encode("hello");
  const text = await encodeText([{ kind: "file", path: "init", data, executable: true }]);
  const fields = fieldsAt(text, 0);
  assert.deepEqual([fields[1], fields[6], fields[11]], [0o100755, 5, 5]);
  assert.equal(text.slice(110, 124), "init\0\0hello\0\0\0");
  assert.equal(text.slice(124, 130), "070701");
  assert.equal(text.length % 4, 0);
});

Deno.test("encodeCpio() adds every folder above an entry once", async () => {
  const data = new Uint8Array();
  const text = await encodeText([
    { kind: "file", path: "a/b/c", data },
    { kind: "file", path: "a/b/d", data },
  ]);
  assert.deepEqual(namesIn(text), ["a", "a/b", "a/b/c", "a/b/d", "TRAILER!!!"]);
});

Deno.test("encodeCpio() leaves a link alone that entries lie below", async () => {
  const text = await encodeText([
    { kind: "link", path: "bin", target: "usr/bin" },
    { kind: "file", path: "bin/sh", data: new Uint8Array() },
  ]);
  assert.deepEqual(namesIn(text), ["bin\0\0\0usr/bin", "bin/sh", "TRAILER!!!"]);
  assert.equal(fieldsAt(text, 0)[1], 0o120777);
});

Deno.test("encodeCpio() writes a device's numbers", async () => {
  const fields = fieldsAt(await encodeText([{ kind: "device", path: "console", major: 5, minor: 1 }]), 0);
  assert.deepEqual([fields[1], fields[9], fields[10]], [0o020600, 5, 1]);
});
