import assert from "node:assert/strict";
import { textAnswer } from "./answer.ts";
import { HTTP_LIMITS } from "./limits.ts";
import { HttpServer } from "./server.ts";

const SEEDS = [
  "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "GET http://localhost:9090/recorder?last=5m HTTP/1.1\r\nHost: x\r\nAccept: text/plain;q=0.5, */*\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
  "POST / HTTP/1.0\nContent-Length: 3\n\nabc",
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
];

/** Bytes that mean something in a head, or must not be in one. */
const TELLING = '\r\n :;,/?%#\0\x7f\x80\xff\t"=*.[]@0';

const CONNECTIONS = 400;

/** Numbers from 0 to below a bound, the same in every run: Marsaglia's xorshift, 32 bits. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A head with some bytes changed, left out, put in or repeated. */
function mutated(random: (below: number) => number): Uint8Array<ArrayBuffer> {
  const bytes = Array.from(SEEDS[random(SEEDS.length)]!, (character) => character.charCodeAt(0));
  for (let changes = random(6); changes > 0; changes--) {
    const at = random(bytes.length + 1);
    const byte = random(2) === 0 ? TELLING.charCodeAt(random(TELLING.length)) : random(256);
    const kinds = [
      () => bytes.splice(at, 1, byte),
      () => bytes.splice(at, random(8)),
      () => bytes.splice(at, 0, byte),
      () => bytes.splice(at, 0, ...bytes.slice(random(bytes.length + 1), at)),
    ];
    kinds[random(kinds.length)]!();
  }
  return new Uint8Array(bytes);
}

async function received(conn: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(4096);
  let text = "";
  for (let count = await conn.read(chunk); count !== null; count = await conn.read(chunk)) {
    text += decoder.decode(chunk.subarray(0, count));
  }
  return text;
}

Deno.test("HttpServer answers or closes the connection, for any head", async () => {
  const errors: unknown[] = [];
  const server = new HttpServer({ hostname: "127.0.0.1", port: 0 }, {
    respond: ({ path, query, headers }) => {
      const fields = [path, query, ...Object.entries(headers).flat()];
      assert.ok(fields.every((field) => typeof field === "string"));
      return textAnswer("fine\n");
    },
    onError: (error) => errors.push(error),
    onDeaf: (error) => errors.push(error),
  }, { ...HTTP_LIMITS, headMs: 500 });
  const random = randomNumbers(14);
  const statuses = new Map<string, number>();
  for (let count = 0; count < CONNECTIONS; count++) {
    const bytes = mutated(random);
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.address.port });
    await conn.write(bytes);
    await conn.closeWrite();
    const text = await received(conn);
    const what = JSON.stringify(String.fromCharCode(...bytes));
    assert.match(text, /^$|^HTTP\/1\.1 (?:200|400|414|421|431|501|505) /, what);
    const status = text.slice(9, 12);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  await server.close();
  assert.deepEqual(errors, []);
  for (const status of ["200", "400", "501", ""]) assert.ok(statuses.has(status), [...statuses].join());
});
