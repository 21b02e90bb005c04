import assert from "node:assert/strict";
import { textAnswer } from "../../src/sidecar/http/answer.ts";
import { HttpServer } from "../../src/sidecar/http/server.ts";
import { within } from "../support/until.ts";
import { statusOf } from "./raw_http.ts";
import { resetConnections } from "./reset_connections.ts";

/** With a pause of 100 ms for each they would take ten seconds. */
const RESETS = 100;

/** Half of that: a busy machine accepts them in some milliseconds. */
const SOON_MS = 5000;

Deno.test("connections that are reset before they are accepted do not hold off the next one", async () => {
  const deaf: unknown[] = [];
  const server = new HttpServer({ hostname: "127.0.0.1", port: 0 }, {
    respond: () => textAnswer("ok\n"),
    onError: (error) => deaf.push(error),
    onDeaf: (error) => deaf.push(error),
  });
  try {
    const { port } = server.address;
    // All of it before the server gets to accept: these calls do not give the thread back.
    resetConnections(port, RESETS);
    const request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const status = await within("answer", SOON_MS, statusOf(`http://127.0.0.1:${port}`, request));
    assert.equal(status, 200);
    assert.deepEqual(deaf, [], "what is gone is no want of descriptors");
  } finally {
    await server.close();
  }
});
