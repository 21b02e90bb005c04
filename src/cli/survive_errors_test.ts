import assert from "node:assert/strict";

Deno.test("surviveErrors() has a process go on after an error in a timer and a lost rejection, and says so", async () => {
  const program = new URL("../../tests/cli/survivor.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "--allow-ffi", program] });
  const { code, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, err);
  assert.equal(out, "alive\n");
  assert.match(err!, / ERROR Internal error; the agent goes on error="lost in a timer" stack=/);
  assert.match(err!, / ERROR Internal error; the agent goes on error="lost rejection" stack=/);
});
