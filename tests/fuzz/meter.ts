/**
 * What an action costs: time, and memory that it asks for.
 *
 * Importing this module replaces the constructors of buffers and of WebAssembly instances, so it belongs into
 * workers that do nothing else.
 *
 * @module
 */
import { getHeapStatistics } from "node:v8";

let bufferBytes = 0;
let memories: WebAssembly.Memory[] = [];

/** How many bytes a constructor of buffers is asked for. */
function requested(argument: unknown): number {
  if (typeof argument === "number") return argument;
  return Array.isArray(argument) ? argument.length : 0;
}

function counting<T extends typeof ArrayBuffer | typeof Uint8Array | typeof Uint32Array>(constructor: T): T {
  const size = "BYTES_PER_ELEMENT" in constructor ? constructor.BYTES_PER_ELEMENT : 1;
  return new Proxy(constructor, {
    construct(target, args, newTarget) {
      bufferBytes += requested(args[0]) * size;
      return Reflect.construct(target, args, newTarget);
    },
  });
}

globalThis.ArrayBuffer = counting(ArrayBuffer);
globalThis.Uint8Array = counting(Uint8Array);
globalThis.Uint32Array = counting(Uint32Array);

/** Compiling the engine takes as long as all the rest, and is the same each time. */
const modules = new Map<unknown, WebAssembly.Module>();
WebAssembly.Module = new Proxy(WebAssembly.Module, {
  construct(target, [bytes]) {
    const module = modules.get(bytes) ?? new target(bytes);
    modules.set(bytes, module);
    return module;
  },
});
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, args) {
    const instance: WebAssembly.Instance = Reflect.construct(target, args);
    memories.push(instance.exports["memory"] as WebAssembly.Memory);
    return instance;
  },
});

/** What an action has cost. */
export interface Cost {
  readonly milliseconds: number;
  /** Of buffers, of the engine's memory, and of what the heap has grown by. */
  readonly bytes: number;
}

/** Runs an action that throws nothing. */
export function measure(action: () => void): Cost {
  bufferBytes = 0;
  memories = [];
  const heap = getHeapStatistics().total_heap_size;
  const start = performance.now();
  action();
  const milliseconds = performance.now() - start;
  const grown = getHeapStatistics().total_heap_size - heap;
  const inEngine = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  return { milliseconds, bytes: bufferBytes + inEngine + Math.max(grown, 0) };
}
