import assert from "node:assert/strict";
import { LogQueue } from "./queue.ts";

/** An output with room for some bytes, which a test can change, or with an error. */
class Place {
  text = "";
  room = Infinity;
  error: Error | undefined;

  readonly write = (bytes: Uint8Array): number => {
    if (this.error !== undefined) throw this.error;
    const fits = bytes.subarray(0, this.room);
    this.room -= fits.length;
    this.text += new TextDecoder().decode(fits);
    return fits.length;
  };
}

function queueOver(place: Place, mostBytes = 100): LogQueue {
  const resumed = (dropped: number, why: string) => `${dropped} dropped: ${why}`;
  return new LogQueue({ write: place.write, resumed, mostBytes });
}

Deno.test("LogQueue writes each line at once where there is room", () => {
  const place = new Place();
  const queue = queueOver(place);
  queue.push("one");
  queue.push("two");
  assert.equal(place.text, "one\ntwo\n");
  assert.equal(queue.isWaiting, false);
  assert.equal(queue.dropped, 0);
});

Deno.test("LogQueue goes on in the middle of a line, and keeps the order", () => {
  const place = new Place();
  const queue = queueOver(place);
  place.room = 2;
  queue.push("one");
  queue.push("two");
  assert.equal(place.text, "on");
  assert.equal(queue.isWaiting, true);
  place.room = Infinity;
  queue.push("three");
  assert.equal(place.text, "one\ntwo\nthree\n");
  assert.equal(queue.isWaiting, false);
});

Deno.test("LogQueue drops what comes when the rest is full, and says so after what waited", () => {
  const place = new Place();
  const queue = queueOver(place, 20);
  place.room = 0;
  for (const line of ["123456789", "abcdefghi", "dropped", "dropped", "dropped"]) queue.push(line);
  assert.equal(queue.dropped, 3);
  place.room = Infinity;
  queue.push("new");
  assert.equal(place.text, "123456789\nabcdefghi\n3 dropped: standard error accepted no more\nnew\n");
  queue.push("newer");
  assert.match(place.text, /\nnew\nnewer\n$/);
  assert.equal(queue.dropped, 3);
});

Deno.test("LogQueue holds no more bytes than it may", () => {
  const place = new Place();
  const queue = queueOver(place, 1000);
  place.room = 0;
  for (let line = 0; line < 10_000; line++) queue.push("0123456789");
  place.room = Infinity;
  queue.flush();
  assert.ok(place.text.length < 1100, `${place.text.length} bytes`);
  assert.equal(queue.dropped + place.text.split("0123456789\n").length - 1, 10_000);
});

Deno.test("LogQueue never throws, and keeps the reason of an error", () => {
  const place = new Place();
  const queue = queueOver(place, 4);
  place.error = new Error("No space left on device");
  queue.push("one");
  queue.push("two");
  queue.flush();
  place.error = undefined;
  queue.flush();
  assert.equal(place.text, "one\n1 dropped: No space left on device\n");
});
