/**
 * The loader on the running kernel, with objects compiled for the purpose.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parseObject } from "../../src/elf/mod.ts";
import { BpfObject, hasHelper, possibleCpus, SLOT_0 } from "../../src/loader/mod.ts";
import { Errno, processId } from "../../src/syscall/mod.ts";
import { compileObject } from "../support/compile.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { heldBy } from "../support/kernel/bpf_objects.ts";
import { withMounts } from "../support/ktm.ts";
import { needs } from "../support/needs.ts";
import { countsByCpu, Killer, openCounter } from "./kill_counter.ts";
import { runScript } from "./script.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = ["root", "btf", "clang"] as const;

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

for (const program of ["by_tp_btf", "by_raw_tp"]) {
  Deno.test(
    needs(NEEDED, `${program}: every call of the watched process is counted, and no other`, async () => {
      const bytes = await compileObject("count");
      await using watched = new Killer();
      await using other = new Killer();
      using object = openCounter(bytes, watched);
      await watched.call(2);
      object.attach(program);
      await watched.call(7);
      await other.call(5);
      await watched.call(4);
      assert.equal(sum(countsByCpu(object)), 11);
      object.unload(program);
      await watched.call(3);
      assert.equal(sum(countsByCpu(object)), 11);
    }),
  );
}

Deno.test(
  needs(NEEDED, "two objects can share a map, which belongs to the first of them", async () => {
    const bytes = await compileObject("count");
    await using killer = new Killer();
    using first = openCounter(bytes, killer);
    const tallies = first.map("tallies");
    {
      using second = openCounter(bytes, killer, { maps: { tallies } });
      second.attach("by_raw_tp");
      first.attach("by_raw_tp");
      await killer.call(3);
    }
    await killer.call(2);
    assert.equal(sum(countsByCpu(first)), 2 * 3 + 2);
  }),
);

Deno.test(needs(NEEDED, "a map that is unlike another one cannot stand for it", async () => {
  const bytes = await compileObject("count");
  using object = new BpfObject(bytes);
  assert.throws(() => new BpfObject(bytes, { maps: { tallies: object.map("unused_map") } }), {
    name: "TypeError",
    message: "Cannot use map unused_map as tallies: its type is 1, not 6, its value_size is 8, not 12, " +
      "its max_entries is 4, not 1",
  });
}));

Deno.test(
  needs([...NEEDED, "taskset"], "a per-CPU look-up gives each CPU's own value at its place", async () => {
    const bytes = await compileObject("count");
    await using killer = new Killer();
    using object = openCounter(bytes, killer);
    object.attach("by_raw_tp");
    const expected = Array(possibleCpus()).fill(0);
    for (const [cpu, calls] of [[0, 3], [navigator.hardwareConcurrency - 1, 5]] as const) {
      await killer.moveTo(cpu);
      await killer.call(calls);
      expected[cpu] += calls;
    }
    assert.deepEqual(countsByCpu(object), expected);
  }),
);

/** Runs the counter with a classic tracepoint in a mount namespace of its own. */
function countInNamespace(change: string): Promise<unknown> {
  return runScript("count", "kill_counter.ts", ["by_tracepoint"], { wrapper: withMounts(change) });
}

const WITHOUT_TRACEFS = "umount -a -t tracefs && umount -R /sys/kernel/debug 2>/dev/null; true";

Deno.test(
  needs([...NEEDED, "unshare", "mount"], "a classic tracepoint counts, wherever tracefs is", async () => {
    const usual = `(${WITHOUT_TRACEFS}) && mount -t tracefs tracefs /sys/kernel/tracing`;
    const elsewhere = `(${WITHOUT_TRACEFS}) && mount -t tmpfs tmpfs /run && mkdir /run/t && ` +
      "mount -t tracefs tracefs /run/t";
    for (const change of [usual, elsewhere]) {
      assert.equal(sum(await countInNamespace(change) as number[]), 10);
    }
  }),
);

Deno.test(
  needs(
    [...NEEDED, "unshare", "mount"],
    "without tracefs a classic tracepoint names the remedy",
    async () => {
      assert.equal(
        await countInNamespace(WITHOUT_TRACEFS),
        "Cannot find tracepoint syscalls/sys_enter_kill: tracefs is not mounted; " +
          "mount it with: mount -t tracefs tracefs /sys/kernel/tracing",
      );
    },
  ),
);

Deno.test(needs(NEEDED, "maps and programs that nobody asks for are not created", async () => {
  const bytes = await compileObject("count");
  await using killer = new Killer();
  const before = heldBy(Deno.pid);
  const created = () => {
    const now = heldBy(Deno.pid);
    return (["prog", "map", "link"] as const).map((kind) => now[kind].difference(before[kind]).size);
  };
  using object = openCounter(bytes, killer);
  assert.deepEqual(created(), [0, 0, 0]);
  object.program("by_tp_btf");
  // Its counts and its constants.
  assert.deepEqual(created(), [1, 2, 0]);
  object.attach("by_tp_btf");
  assert.deepEqual(created(), [1, 2, 1]);
  object.program("unused");
  assert.deepEqual(created(), [2, 3, 1]);
  object.close();
  assert.deepEqual(created(), [0, 0, 0]);
}));

Deno.test(needs(NEEDED, "constants cannot be changed once a program may have seen them", async () => {
  const bytes = await compileObject("count");
  await using killer = new Killer();
  using object = openCounter(bytes, killer);
  const rodata = object.map(".rodata");
  const content = rodata.lookup(SLOT_0)!.slice();
  assert.equal(new DataView(content.buffer).getUint32(0, true), killer.pid);
  assert.throws(() => rodata.update(SLOT_0, content), { errno: Errno.EPERM });
}));

Deno.test(
  needs(NEEDED, "a constant that is not there, or a map or program, is an error that names it", async () => {
    const bytes = await compileObject("count");
    assert.throws(() => new BpfObject(bytes, { constants: { nr_kil: 1 } }), {
      name: "RangeError",
      message: /^Cannot find variable nr_kil/,
    });
    using object = new BpfObject(bytes);
    assert.throws(() => object.map("nope"), { name: "RangeError", message: /^Cannot find map nope/ });
    assert.throws(() => object.program("nope"), { name: "RangeError", message: /^Cannot find program nope/ });
  }),
);

Deno.test(
  needs(
    NEEDED,
    "a program whose section names nothing can be loaded, unless the kernel has to know; it cannot be attached",
    async () => {
      using object = new BpfObject(await compileObject("sections"));
      const program = object.program("in_raw_tp");
      assert.throws(() => program.link(), {
        message:
          "Cannot attach program in_raw_tp: its section names nothing to attach to; name it: raw_tp/NAME",
      });
      using traced = new BpfObject(await compileObject("targets"), { targets: { in_fentry_vfs_read: "" } });
      assert.throws(
        () => traced.program("in_fentry_vfs_read"),
        /in_fentry_vfs_read attaches to nothing; name it: fentry\/NAME/,
      );
    },
  ),
);

Deno.test(needs(NEEDED, "keys and values of another size never reach the kernel", async () => {
  const bytes = await compileObject("count");
  using object = new BpfObject(bytes);
  const map = object.map("unused_map");
  assert.throws(() => map.update(new Uint8Array(3), new Uint8Array(8)), { name: "RangeError" });
  assert.throws(() => map.update(new Uint8Array(4), new Uint8Array(9)), { name: "RangeError" });
  assert.throws(() => map.lookup(new Uint8Array(5)), { name: "RangeError" });
  assert.equal(map.lookup(Uint8Array.of(1, 0, 0, 0)), undefined);
  const value = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  map.update(Uint8Array.of(1, 0, 0, 0), value);
  assert.deepEqual(map.lookup(Uint8Array.of(1, 0, 0, 0)), value);
}));

Deno.test(needs(["root"], "hasHelper() tells helpers that there are from those that there are not", () => {
  // bpf_map_lookup_elem(), and a number that no helper has.
  assert.deepEqual([hasHelper(1), hasHelper(1_000_000)], [true, false]);
}));

Deno.test(needs(NEEDED, "nothing stays open after close(), nor when loading fails halfway", async () => {
  const refused = await compileObject("refused");
  const before = openDescriptors().size;
  {
    using object = new BpfObject(refused);
    object.attach("accepted");
    for (const program of ["unchecked", "lacking", "nowhere"]) assert.throws(() => object.attach(program));
    assert.ok(openDescriptors().size > before);
  }
  assert.equal(openDescriptors().size, before);
  {
    using object = new BpfObject(refused, { btfPath: "/nowhere/at/all" });
    // It asks nothing of the target.
    assert.equal(object.program("accepted").name, "accepted");
    assert.throws(
      () => object.program("lacking"),
      /Cannot find the target's BTF: there is no file \/nowhere\/at\/all/,
    );
  }
  assert.equal(openDescriptors().size, before);
}));

Deno.test(needs(["root"], "programs of the machine are rejected as objects", () => {
  assert.throws(() => parseObject(Deno.readFileSync("/bin/true")), {
    name: "ObjectError",
    section: "ELF header",
  });
  assert.throws(() => parseObject(Deno.readFileSync("/etc/passwd")), /not an ELF file/);
}));
