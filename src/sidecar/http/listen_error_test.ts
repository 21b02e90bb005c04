import assert from "node:assert/strict";
import { listenError } from "./listen_error.ts";

Deno.test("listenError() names the address, the reason and a remedy", () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const address = { hostname, port };
  let failure: unknown;
  try {
    Deno.listen(address).close();
  } catch (error) {
    failure = error;
  } finally {
    listener.close();
  }
  assert.match(
    listenError(address, failure).message,
    new RegExp(
      `^Cannot listen on 127\\.0\\.0\\.1:${address.port}: another process listens there: choose another port`,
    ),
  );
});

Deno.test("listenError() keeps the message of an error that it does not know", () => {
  const { message } = listenError({ hostname: "::1", port: 9090 }, new Error("broken"));
  assert.equal(message, "Cannot listen on [::1]:9090: broken");
});

Deno.test(
  { name: "listenError() says which addresses Deno permits", permissions: { net: ["127.0.0.1"] } },
  () => {
    const address = { hostname: "192.0.2.1", port: 9090 };
    assert.throws(() => Deno.listen(address), (error) => {
      assert.match(
        listenError(address, error).message,
        /^Cannot listen on 192\.0\.2\.1:9090: Deno permits loopback/,
      );
      return true;
    });
  },
);
