/**
 * What the kernel refuses of maps, and what the errors say of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BpfMapFlag, BpfMapType, type MapSpec } from "../../src/elf/mod.ts";
import { createMap } from "../../src/loader/maps/create.ts";
import { mapSpec } from "../../src/loader/maps/testing_map.ts";
import { BpfMap, BpfObject, MapCreateError } from "../../src/loader/mod.ts";
import { FileDescriptor, processId, SyscallError } from "../../src/syscall/mod.ts";
import { compileObject } from "../support/compile.ts";
import { needs } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** Maps without types need none. */
const NO_BTF = new FileDescriptor(-1);

const { NO_PREALLOC } = BpfMapFlag;
const { ARRAY, HASH, LPM_TRIE, PERCPU_ARRAY, QUEUE, RINGBUF, STACK_TRACE } = BpfMapType;

/** Maps that no kernel creates, and why. */
const REFUSED: readonly (readonly [given: Partial<MapSpec>, reason: RegExp])[] = [
  [{ maxEntries: 0 }, /: max_entries has to be at least 1 \(type HASH, .* max_entries 0, .*EINVAL\)$/],
  [{ type: 200 }, /: this kernel has no maps of type 200 \(type 200, .*EINVAL\)$/],
  [{ keySize: 0 }, /: it needs a key \(.*EINVAL\)$/],
  [{ valueSize: 0 }, /: it needs a value \(.*EINVAL\)$/],
  [{ flags: 1 << 20 }, /: .* does not know the type or a flag \(.* map_flags 0x100000; .*EINVAL\)$/],
  [{ type: ARRAY, keySize: 8 }, /: keys of ARRAY have 4 bytes \(.*key_size 8, .*EINVAL\)$/],
  [{ type: STACK_TRACE, keySize: 8 }, /: keys of STACK_TRACE have 4 bytes \(/],
  [{ type: LPM_TRIE, keySize: 8 }, /: LPM_TRIE takes the flag BPF_F_NO_PREALLOC \(.*EINVAL\)$/],
  [{ type: LPM_TRIE, keySize: 4, flags: NO_PREALLOC }, /: keys of LPM_TRIE have 5 to 260 bytes, /],
  [{ type: RINGBUF, keySize: 0, valueSize: 0, maxEntries: 0 }, /: max_entries has to be its size in bytes/],
  [{ type: RINGBUF, keySize: 0, maxEntries: 4096 }, /: RINGBUF has no values \(/],
  [{ type: QUEUE }, /: QUEUE has no keys \(/],
  [{ type: HASH, valueSize: 64 << 20 }, /: keys, values, or all of them together are larger .*E2BIG\)$/],
  [{ type: PERCPU_ARRAY, valueSize: 1 << 17 }, /: its values are too large: .* at most 32 KiB \(.*E2BIG\)$/],
  [
    { type: ARRAY, maxEntries: 0x3fffffff, valueSize: 65536 },
    /: the kernel has no memory for it; .*ENOMEM\)$/,
  ],
];

Deno.test(needs(["root"], "a map that the kernel does not create says what is wrong with it", () => {
  for (const [given, reason] of REFUSED) {
    assert.throws(() => createMap(mapSpec(given), NO_BTF), (error) => {
      assert.ok(error instanceof MapCreateError);
      assert.match(error.message, /^Cannot create map m: /);
      assert.match(error.message, reason);
      return true;
    });
  }
}));

const bytes = (...numbers: number[]) => Uint8Array.from(numbers);

/** Uses of maps that the kernel refuses, and why. */
const MISUSES:
  readonly (readonly [given: Partial<MapSpec>, use: (map: BpfMap) => unknown, reason: RegExp])[] = [
    [
      { type: ARRAY, maxEntries: 3 },
      (map) => map.update(bytes(3, 0, 0, 0), new Uint8Array(8)),
      /^Cannot update map m: there is no such index: it has 3 entries \(bpf\(BPF_MAP_UPDATE_ELEM\): E2BIG\)$/,
    ],
    [
      { type: ARRAY },
      (map) => map.delete(new Uint8Array(4)),
      /^Cannot delete a key of map m: nothing can be removed from an array; /,
    ],
    [
      {},
      (map) => [1, 2, 3].forEach((key) => map.update(bytes(key, 0, 0, 0), new Uint8Array(8))),
      /^Cannot update map m: it is full: max_entries is 1 \(/,
    ],
    [
      {},
      (map) => {
        map.freeze();
        map.update(new Uint8Array(4), new Uint8Array(8));
      },
      /^Cannot update map m: it is frozen, .*EPERM\)$/,
    ],
    [
      {},
      (map) => {
        map.freeze();
        map.delete(new Uint8Array(4));
      },
      /^Cannot delete a key of map m: it is frozen, .*EPERM\)$/,
    ],
    [
      {},
      (map) => {
        map.freeze();
        map.freeze();
      },
      /^Cannot freeze map m: it is frozen already, or /,
    ],
    [
      { type: LPM_TRIE, keySize: 8, flags: NO_PREALLOC },
      (map) => map.update(bytes(33, 0, 0, 0, 1, 2, 3, 4), new Uint8Array(8)),
      /^Cannot update map m: the prefix is longer than the 32 bits of the key \(/,
    ],
    [{ type: QUEUE, keySize: 0 }, (map) => [...map.keys()], /: the keys of QUEUE cannot be listed \(/],
    [{ type: QUEUE, keySize: 0 }, (map) => [...map.batch()], /: the keys of QUEUE cannot be listed \(/],
    [
      { type: STACK_TRACE },
      (map) => [...map.batch()],
      /: this kernel does not read STACK_TRACE in batches; use keys/,
    ],
  ];

Deno.test(needs(["root", "clang"], "what the kernel refuses of a map says why", async () => {
  using object = new BpfObject(await compileObject("count"));
  const types = object.spec.btf;
  for (const [given, use, reason] of MISUSES) {
    using map = new BpfMap(mapSpec(given), NO_BTF, types);
    assert.throws(() => use(map), (error) => {
      assert.ok(error instanceof SyscallError);
      assert.match(error.message, reason);
      return true;
    });
  }
}));

Deno.test(
  needs(
    ["root", "clang"],
    "lookup() peeks at the end of a queue that comes next, and removes nothing",
    async () => {
      using object = new BpfObject(await compileObject("count"));
      using map = new BpfMap(mapSpec({ type: QUEUE, keySize: 0, maxEntries: 2 }), NO_BTF, object.spec.btf);
      const noKey = new Uint8Array(0);
      assert.equal(map.lookup(noKey), undefined);
      map.update(noKey, bytes(1, 2, 3, 4, 5, 6, 7, 8));
      map.update(noKey, bytes(8, 7, 6, 5, 4, 3, 2, 1));
      for (let time = 0; time < 2; time++) {
        assert.deepEqual(
          map.lookup(noKey),
          bytes(1, 2, 3, 4, 5, 6, 7, 8),
        );
      }
    },
  ),
);

Deno.test(
  needs(
    ["root", "clang"],
    "pop() takes the values of a queue in their order, until there is none",
    async () => {
      using object = new BpfObject(await compileObject("count"));
      using map = new BpfMap(mapSpec({ type: QUEUE, keySize: 0, maxEntries: 2 }), NO_BTF, object.spec.btf);
      using array = new BpfMap(mapSpec({ type: ARRAY }), NO_BTF, object.spec.btf);
      const noKey = new Uint8Array(0);
      assert.equal(map.pop(), undefined);
      map.update(noKey, bytes(1, 2, 3, 4, 5, 6, 7, 8));
      map.update(noKey, bytes(8, 7, 6, 5, 4, 3, 2, 1));
      assert.deepEqual(map.pop(), bytes(1, 2, 3, 4, 5, 6, 7, 8));
      assert.deepEqual(map.pop(), bytes(8, 7, 6, 5, 4, 3, 2, 1));
      assert.equal(map.pop(), undefined);
      assert.throws(() => array.pop(), /Cannot take a value of map /);
    },
  ),
);
