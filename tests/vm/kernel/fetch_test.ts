import assert from "node:assert/strict";
import { newestImage } from "./fetch.ts";

const NAMES = [
  "linux-image-6.1-cloud-amd64",
  "linux-image-6.1.0-9-cloud-amd64",
  "linux-image-6.1.0-50-cloud-amd64",
  "linux-image-6.1.0-50-cloud-amd64-dbg",
  "linux-image-6.1.0-51-cloud-arm64",
  "linux-image-6.12.94+deb13-cloud-amd64",
  "linux-image-6.12.107+deb13-cloud-amd64",
  "linux-image-cloud-amd64",
];

Deno.test("newestImage() compares versions by number", () => {
  assert.equal(newestImage(NAMES, "6.1", "amd64"), "linux-image-6.1.0-50-cloud-amd64");
  assert.equal(newestImage(NAMES, "6.12", "amd64"), "linux-image-6.12.107+deb13-cloud-amd64");
});

Deno.test("newestImage() finds nothing of a release that the suite has dropped", () => {
  assert.equal(newestImage(NAMES, "6.11", "amd64"), undefined);
});
