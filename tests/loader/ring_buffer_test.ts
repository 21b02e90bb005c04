/**
 * Ring buffers that programs of the running kernel write.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BpfObject, decoderFor, RingBuffer } from "../../src/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { compileObject } from "../support/compile.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { hasRelease } from "../support/kernel/kernel_release.ts";
import { needs, unless } from "../support/needs.ts";
import { until } from "../support/until.ts";
import { Killer, NR_KILL } from "./kill_counter.ts";
import { ProgramRunner, runRawTracepoint } from "./run_program.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = ["root", "btf", "clang"] as const;

/** Sizes of the object's ring buffers where pages are no larger. */
const SIZE = Deno.build.arch === "aarch64" ? 1 << 16 : 4096;

/** What a `struct event` takes with its header. */
const EVENT_SPAN = 8 + 16;

const HOLDS = Math.floor(SIZE / EVENT_SPAN);

/** The most records that a run writes. */
const MOST_AT_ONCE = 128;

interface Event {
  readonly sequence: bigint;
  readonly producer: number;
  readonly check: number;
}

/** Has a program of the object run, so many times. */
function run(object: BpfObject, program: string, args: readonly number[], times = 1): void {
  runRawTracepoint({ program: object.program(program).fd.number, args, times });
}

/** Has so many events written. */
function write(object: BpfObject, count: number, producer = 0): void {
  run(object, "write_events", [MOST_AT_ONCE, producer], Math.floor(count / MOST_AT_ONCE));
  run(object, "write_events", [count % MOST_AT_ONCE, producer]);
}

/** The sequence numbers of all records that are there. */
function consumeSequences(ring: RingBuffer): number[] {
  const sequences: number[] = [];
  const count = ring.consume((record) =>
    sequences.push(Number(new BigUint64Array(record.slice().buffer)[0]))
  );
  assert.equal(count, sequences.length);
  return sequences;
}

const range = (start: number, end: number) => Array.from({ length: end - start }, (_, at) => start + at);

const valueOf = (object: BpfObject, variable: string) => object.variable(variable).get();

/** The parts of ring buffers that this process has mapped. */
function mappings(): string[] {
  return Deno.readTextFileSync("/proc/self/maps").split("\n").filter((line) => line.includes("bpf"));
}

Deno.test(needs(NEEDED, "every record is read once, in its order, with what it holds", async () => {
  using object = new BpfObject(await compileObject("ring"));
  using ring = new RingBuffer(object.map("events"));
  const decode = decoderFor(object.spec.btf, "event");
  assert.equal(ring.consume(() => assert.fail("a record that nobody wrote")), 0);
  write(object, 100, 2);
  const events: Event[] = [];
  assert.equal(ring.consume((record) => events.push(decode(record) as unknown as Event)), 100);
  const expected = range(0, 100).map((sequence) => ({
    sequence: BigInt(sequence),
    producer: 2,
    check: ~sequence >>> 0,
  }));
  assert.deepEqual(events, expected);
  assert.equal(ring.consume(() => assert.fail("a record that has been read")), 0);
}));

Deno.test(needs(NEEDED, "records that lie across the end of the buffer are whole", async () => {
  using object = new BpfObject(await compileObject("ring"));
  using ring = new RingBuffer(object.map("events"));
  let bytes = 0;
  for (let sequence = 0; bytes < 20 * SIZE; sequence++) {
    run(object, "write_lengths", [1]);
    const count = ring.consume((record) => {
      const words = [...new BigUint64Array(record.slice().buffer)];
      assert.equal(words.length, 1 + sequence * 7 % 256);
      assert.deepEqual([words[0], words.at(-1)], [BigInt(sequence), BigInt(sequence)]);
      bytes += record.length + 8;
    });
    assert.equal(count, 1);
  }
  assert.deepEqual(valueOf(object, "refused"), [0n, 0n, 0n, 0n]);
}));

Deno.test(needs(NEEDED, "a full buffer refuses records until it has been read", async () => {
  using object = new BpfObject(await compileObject("ring"));
  using ring = new RingBuffer(object.map("events"));
  for (const round of range(0, 3)) {
    write(object, HOLDS + 50);
    assert.deepEqual(valueOf(object, "refused"), [50n * BigInt(round + 1), 0n, 0n, 0n]);
    assert.deepEqual(consumeSequences(ring), range(HOLDS * round, HOLDS * (round + 1)));
  }
}));

Deno.test(needs(NEEDED, "discarded records are left out", async () => {
  using object = new BpfObject(await compileObject("ring"));
  using ring = new RingBuffer(object.map("events"));
  run(object, "write_two_of_three", [], 40);
  const lengths = new Set<number>();
  assert.equal(ring.consume((record) => lengths.add(record.length)), 80);
  assert.deepEqual([...lengths], [16]);
  run(object, "write_two_of_three", [], 2);
  assert.deepEqual(consumeSequences(ring), range(80, 84));
}));

Deno.test(needs(NEEDED, "a record that is larger than what is copied at once is whole", async () => {
  using object = new BpfObject(await compileObject("ring"));
  using ring = new RingBuffer(object.map("large_events"));
  for (let round = 0; round < 3; round++) {
    run(object, "write_large", [], 2);
    const records: Uint8Array[] = [];
    ring.consume((record) => records.push(record.slice()));
    assert.deepEqual(records.map(({ length }) => length), [100_000, 16, 100_000, 16]);
    for (const large of [records[0]!, records[2]!]) assert.deepEqual([large[0], large.at(-1)], [1, 2]);
  }
}));

Deno.test(
  needs(NEEDED, "where a handler throws, its record counts as read and the next one follows", async () => {
    using object = new BpfObject(await compileObject("ring"));
    using ring = new RingBuffer(object.map("events"));
    write(object, 10);
    let seen = 0;
    assert.throws(() =>
      ring.consume(() => {
        if (++seen === 4) throw new RangeError("enough");
      }), { name: "RangeError", message: "enough" });
    assert.deepEqual(consumeSequences(ring), range(4, 10));
    // The kernel has all of its room back.
    write(object, HOLDS);
    assert.deepEqual(valueOf(object, "refused"), [0n, 0n, 0n, 0n]);
    assert.deepEqual(consumeSequences(ring), range(10, 10 + HOLDS));
  }),
);

Deno.test(needs(NEEDED, "a handler that closes the ring buffer gets no other record", async () => {
  using object = new BpfObject(await compileObject("ring"));
  const ring = new RingBuffer(object.map("events"));
  write(object, 10);
  assert.equal(ring.consume(() => ring.close()), 1);
  assert.throws(() => ring.consume(() => {}), { message: "Cannot use ring buffer events: it is closed" });
  assert.equal(await ring.wait(), false);
}));

Deno.test(
  needs(NEEDED, "what two threads write while it is read comes whole and in each one's order", async () => {
    using object = new BpfObject(await compileObject("ring"));
    using ring = new RingBuffer(object.map("events"));
    const { number } = object.program("write_events").fd;
    await using first = new ProgramRunner();
    await using second = new ProgramRunner();
    let isWriting = true;
    const writers = Promise.all([first.run(number, [100, 0], 100), second.run(number, [100, 1], 100)])
      .finally(() => isWriting = false);
    const read = [0, 0];
    const decode = decoderFor(object.spec.btf, "event");
    const consume = () =>
      ring.consume((record) => {
        const { sequence, producer, check } = decode(record) as unknown as Event;
        assert.equal(Number(sequence), read[producer]!++);
        assert.equal(check, ~Number(sequence) >>> 0);
      });
    while (isWriting) {
      consume();
      await new Promise((resolve) => setTimeout(resolve));
    }
    await writers;
    consume();
    assert.deepEqual([...read.map(BigInt), 0n, 0n], valueOf(object, "written"));
    const refused = valueOf(object, "refused") as bigint[];
    assert.deepEqual(read.map((count, producer) => count + Number(refused[producer])), [10_000, 10_000]);
  }),
);

/** Some milliseconds. */
const LOOPS = 1 << 21;

/** A look at the buffer may fall beside the program's time. */
const MOST_RUNS = 1000;

// `bpf_loop()`.
Deno.test(unless(
  hasRelease("5.17") ? undefined : "this kernel has no bpf_loop()",
  needs(NEEDED, "a record that is still being written holds up those behind it", async () => {
    using object = new BpfObject(await compileObject("ring"));
    using ring = new RingBuffer(object.map("events"));
    await using runner = new ProgramRunner();
    const { number } = object.program("write_slowly").fd;
    // Again until a look at the buffer falls into the program's time.
    let isSeen = false;
    for (let run = 0; run < MOST_RUNS && !isSeen; run++) {
      const end = runner.run(number, [LOOPS]);
      await until("a reserved record", () => valueOf(object, "stage") !== 0);
      write(object, 3);
      const early = ring.consume(() => {});
      isSeen = valueOf(object, "stage") === 1;
      if (isSeen) {
        assert.equal(early, 0);
        assert.equal(await ring.wait(), true);
        const producers: number[] = [];
        const decode = decoderFor(object.spec.btf, "event");
        ring.consume((record) => producers.push((decode(record) as unknown as Event).producer));
        assert.deepEqual(producers, [7, 0, 0, 0]);
      }
      await end;
      ring.consume(() => {});
      object.variable("stage").set(0);
    }
    assert.ok(isSeen, `no look fell into ${MOST_RUNS} runs`);
  }),
));

async function openForKills(killer: Killer): Promise<BpfObject> {
  const constants = { watched_tgid: killer.pid, nr_kill: NR_KILL };
  const object = new BpfObject(await compileObject("ring"), { constants });
  object.attach("on_kill");
  return object;
}

Deno.test(needs(NEEDED, "wait() ends with a record while the event loop goes on", async () => {
  await using killer = new Killer();
  using object = await openForKills(killer);
  using ring = new RingBuffer(object.map("events"));
  const sequences: number[] = [];
  for (const calls of [1, 5, 3]) {
    const waiting = ring.wait();
    await killer.call(calls);
    assert.equal(await waiting, true);
    sequences.push(...consumeSequences(ring));
  }
  assert.deepEqual(sequences, range(0, 9));
}));

Deno.test(needs(NEEDED, "wait() ends when its signal is aborted, or the ring buffer closed", async () => {
  using object = new BpfObject(await compileObject("ring"));
  using ring = new RingBuffer(object.map("events"));
  assert.equal(await ring.wait(AbortSignal.abort()), false);
  const before = openDescriptors().size;
  const controller = new AbortController();
  const aborted = ring.wait(controller.signal);
  const closed = ring.wait();
  controller.abort();
  assert.equal(await aborted, false);
  object.close();
  assert.equal(await closed, false);
  assert.ok(openDescriptors().size < before);
}));

/** `poll(2)`, or what the C library has in its place: number and the arguments after the descriptors. */
const SLEEPING = Deno.build.arch === "aarch64"
  ? /^73 0x[0-9a-f]+ 0x2 0x0 /
  : /^7 0x[0-9a-f]+ 0x2 0xffffffff /;

/** Whether a thread of this process sleeps in the kernel until one of two descriptors has something to say. */
function isAsleep(): boolean {
  return [...Deno.readDirSync("/proc/self/task")].some(({ name }) => {
    try {
      return SLEEPING.test(Deno.readTextFileSync(`/proc/self/task/${name}/syscall`));
    } catch (error) {
      // The thread has ended.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return false;
    }
  });
}

Deno.test(needs(NEEDED, "wait() sleeps in the kernel", async () => {
  using object = new BpfObject(await compileObject("ring"));
  using ring = new RingBuffer(object.map("events"));
  const controller = new AbortController();
  const waiting = ring.wait(controller.signal);
  await until("sleeping thread", isAsleep);
  controller.abort();
  await waiting;
  assert.equal(isAsleep(), false);
}));

Deno.test(needs(NEEDED, "a loop over the records that is left loses none", async () => {
  using object = new BpfObject(await compileObject("ring"));
  using ring = new RingBuffer(object.map("events"));
  write(object, 10);
  const sequence = (record: Uint8Array<ArrayBuffer>) => Number(new BigUint64Array(record.buffer)[0]);
  const first: number[] = [];
  for await (const record of ring.records()) {
    if (first.push(sequence(record)) === 4) break;
  }
  assert.deepEqual(first, range(0, 4));
  const rest: number[] = [];
  const controller = new AbortController();
  for await (const record of ring.records(controller.signal)) {
    if (rest.push(sequence(record)) === 6) controller.abort();
  }
  assert.deepEqual(rest, range(4, 10));
}));

Deno.test(
  needs(NEEDED, "descriptors and memory are given back, by the ring buffer or with its object", async () => {
    const bytes = await compileObject("ring");
    const before = openDescriptors().size;
    assert.deepEqual(mappings(), []);
    using object = new BpfObject(bytes);
    const map = object.map("events");
    const descriptors = openDescriptors().size;
    for (let round = 0; round < 3; round++) {
      using ring = new RingBuffer(map);
      assert.equal(mappings().length, 2);
      assert.equal(ring.consume(() => {}), 0);
    }
    assert.equal(openDescriptors().size, descriptors);
    assert.deepEqual(mappings(), []);
    const left = new RingBuffer(map);
    assert.equal(mappings().length, 2);
    object.close();
    assert.deepEqual(mappings(), []);
    assert.equal(openDescriptors().size, before);
    left.close();
  }),
);

Deno.test(needs(NEEDED, "what is no ring buffer is not read as one", async () => {
  using object = new BpfObject(await compileObject("ring"));
  assert.throws(() => new RingBuffer(object.map("no_ring")), {
    name: "TypeError",
    message: "Cannot read map no_ring as a ring buffer: it is of another type",
  });
}));
