import assert from "node:assert/strict";
import { faultOf, GuestError } from "./guest_error.ts";

Deno.test("faultOf() tells silence, a panic, a hang and an early end apart", () => {
  assert.match(faultOf("\n", 1000), /printed nothing/);
  assert.equal(
    faultOf("[    1.0] Kernel panic - not syncing: Attempted to kill init!\n[ 1.1] CPU: 0", 1000),
    "Kernel panic - not syncing: Attempted to kill init!",
  );
  assert.equal(faultOf("Linux version 6.1", 2000), "it was not done after 2 s");
  assert.match(faultOf("Linux version 6.1", undefined), /ended before/);
});

Deno.test("GuestError shows the end of the console and keeps all of it", () => {
  const console = Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join("");
  const error = new GuestError("it hung", console, "");
  assert.match(error.message, /it hung.*\nline 60\n/);
  assert.ok(error.message.endsWith("line 99"));
  assert.equal(error.console, console);
});
