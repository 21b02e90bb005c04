import assert from "node:assert/strict";
import { processId } from "../processes/process.ts";
import { limitConnections } from "./socket_options.ts";

// Otherwise the first test that calls libc would be the one that leaks it.
processId();

const LIMITS = { sendBytes: 32 << 10, receiveBytes: 16 << 10, userTimeoutMs: 1000 };

/** Less than what the kernel takes by itself over loopback, and more than what it takes here. */
const BETWEEN = 512 << 10;

/** How much one write takes whose reader does not read. */
async function taken(hostname: string, isLimited: boolean): Promise<number> {
  using listener = Deno.listen({ hostname, port: 0 });
  const { port } = listener.addr;
  if (isLimited) assert.equal(limitConnections(port, LIMITS), true);
  using _reader = await Deno.connect({ hostname, port });
  using writer = await listener.accept();
  return await writer.write(new Uint8Array(4 << 20));
}

Deno.test("limitConnections() bounds what the kernel holds for a connection, by IPv4 and IPv6", async () => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    assert.ok(await taken(hostname, false) > BETWEEN, hostname);
    assert.ok(await taken(hostname, true) < BETWEEN, hostname);
  }
});

Deno.test("limitConnections() says that nothing listens on a port", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  assert.equal(limitConnections((conn.localAddr as Deno.NetAddr).port, LIMITS), false);
  assert.equal(limitConnections(port, LIMITS), true);
});
