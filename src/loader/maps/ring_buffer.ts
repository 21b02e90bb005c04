/** Reading ring buffers (`BPF_MAP_TYPE_RINGBUF`). @module */
import { BpfMapType } from "../../elf/mod.ts";
import { untilReadable } from "../../syscall/files/poll.ts";
import { orderMemory, pageSize, readWord, writeWord } from "../../syscall/memory_order.ts";
import { type FileDescriptor, SharedMemory } from "../../syscall/mod.ts";
import { adjustedSpec } from "./create.ts";
import type { BpfMap } from "./map.ts";
import { completeLength, recordData, recordHeader } from "./ring_records.ts";

/** How much is copied at once, if no record is larger. */
const BATCH_SIZE = 1 << 16;

/** `BPF_F_RB_OVERWRITE` of `enum bpf_map_flags` (6.19): programs do not wait for the reader. */
const OVERWRITE = 1 << 19;

/** Between two looks at a record that a program is still writing. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [1, 64];

const NOTHING = new Uint8Array(new ArrayBuffer(0));

function checkReadable({ name, spec: { type, flags } }: BpfMap): void {
  if (type !== BpfMapType.RINGBUF) {
    throw new TypeError(`Cannot read map ${name} as a ring buffer: it is of another type`);
  }
  if ((flags & OVERWRITE) !== 0) {
    throw new TypeError(
      `Cannot read ring buffer ${name}: its programs overwrite what is not read; create it without BPF_F_RB_OVERWRITE`,
    );
  }
}

/**
 * The reader of a ring buffer, which programs write with `bpf_ringbuf_output()`, or with `bpf_ringbuf_reserve()`
 * and `bpf_ringbuf_submit()`.
 *
 * Records come in the order in which their room was reserved, each once; discarded ones are left out. They are copied
 * out of the kernel's memory some at a time, which gives programs their room back before a handler sees them. It ends
 * with its map, thus with its object.
 */
export class RingBuffer implements Disposable {
  /** The map's name. */
  readonly name: string;
  readonly #fd: FileDescriptor;
  /** Size of the data in bytes. */
  readonly #size: number;
  /** Begins with the position up to which it has been read. */
  readonly #reader: SharedMemory;
  /** Begins with the position up to which it has been written; the data follows on the next page, twice in a row. */
  readonly #writer: SharedMemory;
  readonly #dataOffset = pageSize();
  readonly #closing = new AbortController();
  /** Complete records that have been copied. Those from `#next` to `#end` have not been handed out. */
  #batch = NOTHING;
  #next = 0;
  #end = 0;

  /**
   * Opens a ring buffer for reading.
   *
   * @param map the map; only one reader of a map sees a record
   * @throws {TypeError} if the map is no ring buffer, or one that overwrites what has not been read
   * @throws {SyscallError} if the kernel refuses
   */
  constructor(map: BpfMap) {
    checkReadable(map);
    this.name = map.name;
    this.#fd = map.fd;
    this.#size = adjustedSpec(map.spec).maxEntries;
    const what = `ring buffer ${map.name}`;
    using opened = new DisposableStack();
    const page = this.#dataOffset;
    this.#reader = opened.use(new SharedMemory(map.fd, { length: page, isWritten: true }, what));
    const written = { offset: page, length: page + 2 * this.#size, isWritten: false };
    this.#writer = opened.use(new SharedMemory(map.fd, written, what));
    opened.move();
    map.closeWith(this);
  }

  #copy(position: bigint, length: number): void {
    const offset = Number(position % BigInt(this.#size));
    this.#writer.readInto(this.#dataOffset + offset, this.#batch.subarray(0, length));
  }

  /** Makes room for what is about to be copied; a record may be larger than any before. */
  #makeRoom(length: number): void {
    if (this.#batch.length < length) this.#batch = new Uint8Array(new ArrayBuffer(length));
  }

  /**
   * Copies complete records, and gives their room back.
   *
   * The kernel publishes in this order: a record's header with the busy bit, the position after it; then the data, the
   * header without that bit (`__bpf_ringbuf_reserve()` and `bpf_ringbuf_commit()`). So this reads the position, then
   * headers, and data only after headers: what was copied along with headers may be older than they are, and is
   * copied again. A header changes only in its busy and discard bits, which are in one byte, so a copy
   * of it is whole, however it is made. The room is given back after the last read of it, and before the next look for
   * a record: programs wake up a reader only where it has given back all room before theirs.
   *
   * @param end the position up to which records may be copied
   * @returns false if there is no complete record
   */
  #refill(end: bigint): boolean {
    if (this.#closing.signal.aborted) return false;
    const start = readWord(this.#reader, 0);
    const available = Number(end - start);
    if (available <= 0) return false;
    this.#makeRoom(Math.min(this.#size, BATCH_SIZE));
    orderMemory();
    const length = Math.min(available, this.#batch.length);
    this.#copy(start, length);
    const first = recordHeader(this.#batch, 0);
    if (first.isBusy) return false;
    const complete = Math.max(first.span, completeLength(this.#batch.subarray(0, length)));
    this.#makeRoom(complete);
    orderMemory();
    this.#copy(start, complete);
    orderMemory();
    writeWord(this.#reader, 0, start + BigInt(complete));
    orderMemory();
    this.#next = 0;
    this.#end = complete;
    return true;
  }

  /** Whether there is a record, which then is at `#next`. */
  #hasRecord(end: bigint): boolean {
    do {
      while (this.#next < this.#end) {
        const { isDiscarded, span } = recordHeader(this.#batch, this.#next);
        if (!isDiscarded) return true;
        this.#next += span;
      }
    } while (this.#refill(end));
    return false;
  }

  /** The next record, valid until the one after it is taken. */
  #take(end: bigint): Uint8Array<ArrayBuffer> | undefined {
    if (!this.#hasRecord(end)) return undefined;
    const record = recordData(this.#batch, this.#next);
    this.#next += recordHeader(this.#batch, this.#next).span;
    return record;
  }

  /**
   * Hands out every record that is there at the time of the call, without waiting. One that a program is still
   * writing holds up those behind it.
   *
   * @param handler takes a record's bytes, which are valid until it returns or reads this ring buffer itself: copy what
   *   is to be kept. If it throws, its record counts as read, and the next call goes on with the one after it
   * @returns how many records there were
   * @throws what the handler throws
   * @throws {Error} if the ring buffer is closed
   */
  consume(handler: (record: Uint8Array<ArrayBuffer>) => void): number {
    const end = readWord(this.#writer, 0);
    let count = 0;
    for (let record = this.#take(end); record !== undefined; record = this.#take(end)) {
      count++;
      handler(record);
    }
    return count;
  }

  /** Waits for the rest of a record, of which the kernel gives notice only where no other one is there. */
  async #pause(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /**
   * Waits for a record, while the event loop goes on: a thread sleeps in the kernel until a program submits one
   * (without `BPF_RB_NO_WAKEUP`).
   *
   * @param signal ends the wait
   * @returns true if there is a record; false once the signal is aborted, or the ring buffer closed
   */
  async wait(signal?: AbortSignal): Promise<boolean> {
    const signals = [this.#closing.signal, ...(signal === undefined ? [] : [signal])];
    let pauseMs = FIRST_PAUSE_MS;
    while (!signals.some(({ aborted }) => aborted)) {
      const end = readWord(this.#writer, 0);
      if (this.#hasRecord(end)) return true;
      if (readWord(this.#reader, 0) === end) {
        pauseMs = FIRST_PAUSE_MS;
        await untilReadable(this.#fd, signals);
      } else {
        await this.#pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
    return false;
  }

  /**
   * The records from now on, each in bytes of its own. A loop that is left loses none.
   *
   * @param signal ends the iteration, as closing the ring buffer does
   */
  async *records(signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    while (await this.wait(signal)) {
      const record = this.#take(readWord(this.#writer, 0));
      if (record !== undefined) yield record.slice();
    }
  }

  /** Takes the kernel's memory out of this process; what has not been handed out is lost, and waits end. */
  close(): void {
    this.#closing.abort();
    this.#reader.close();
    this.#writer.close();
    this.#batch = NOTHING;
    this.#next = this.#end = 0;
  }

  /** Same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
