import assert from "node:assert/strict";
import { processId } from "../../syscall/mod.ts";
import type { Config } from "../config/config.ts";
import type { Host } from "../host.ts";
import { divertLog } from "../log/log.ts";
import { Endpoint } from "./endpoint.ts";

// Otherwise a test that watches resources would see the libraries that the server opens.
processId();

const ANY_PORT: Config["exporter"] = { listen: { hostname: "127.0.0.1", port: 0 }, allowed_hosts: [] };

/** An endpoint, and where it listened last. */
class Stand implements AsyncDisposable {
  readonly endpoint = new Endpoint({} as Host);
  readonly #undo = new AsyncDisposableStack();
  port = 0;

  constructor() {
    this.#undo.use(
      divertLog(({ properties }) => this.port = Number(new URL(String(properties["address"])).port)),
    );
    this.#undo.defer(() => this.endpoint.close());
  }

  connect(): Promise<Deno.TcpConn> {
    return Deno.connect({ hostname: "127.0.0.1", port: this.port });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#undo.disposeAsync();
  }
}

async function statusFor(conn: Deno.Conn, host: string): Promise<string> {
  await conn.write(new TextEncoder().encode(`HEAD /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
  const chunk = new Uint8Array(4096);
  const count = await conn.read(chunk);
  return new TextDecoder().decode(chunk.subarray(9, Math.min(12, count ?? 0)));
}

Deno.test("change() allows other hosts from the next request on, on the connections that there are", async () => {
  await using stand = new Stand();
  await stand.endpoint.change(ANY_PORT);
  using conn = await stand.connect();
  assert.equal(await statusFor(conn, "ktm.example"), "421");
  await stand.endpoint.change({ ...ANY_PORT, allowed_hosts: ["ktm.example"] });
  assert.equal(await statusFor(conn, "ktm.example"), "200");
  await stand.endpoint.change(ANY_PORT);
  assert.equal(await statusFor(conn, "ktm.example"), "421");
});

Deno.test("change() to an address that is taken leaves address and hosts as they were", async () => {
  await using stand = new Stand();
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await stand.endpoint.change({ ...ANY_PORT, allowed_hosts: ["ktm.example"] });
  const listen = { hostname: "127.0.0.1", port: taken.addr.port };
  await assert.rejects(stand.endpoint.change({ listen, allowed_hosts: [] }), /Cannot listen on 127/);
  taken.close();
  using conn = await stand.connect();
  assert.equal(await statusFor(conn, "ktm.example"), "200");
});

Deno.test("change() to no address ends the server", async () => {
  await using stand = new Stand();
  await stand.endpoint.change(ANY_PORT);
  await stand.endpoint.change({ allowed_hosts: [] });
  await assert.rejects(stand.connect(), Deno.errors.ConnectionRefused);
});
