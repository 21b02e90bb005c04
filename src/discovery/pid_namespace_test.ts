import assert from "node:assert/strict";
import { pidNamespace } from "./pid_namespace.ts";

Deno.test("pidNamespace() is undefined in the initial PID namespace", () => {
  assert.equal(pidNamespace({ device: 4n, inode: 4026531836n }), undefined);
});

Deno.test("pidNamespace() names any other namespace by device and inode", () => {
  assert.deepEqual(pidNamespace({ device: 4n, inode: 4026532277n }), { device: 4n, inode: 4026532277n });
});
