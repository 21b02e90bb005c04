/**
 * The loader on the running kernel, with objects compiled for the purpose.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parseObject } from "../../src/elf/mod.ts";
import {
  BpfObject,
  hasHelper,
  MapCreateError,
  possibleCpus,
  SLOT_0,
  VerifierError,
} from "../../src/loader/mod.ts";
import { Errno, processId } from "../../src/syscall/mod.ts";
import { output } from "../support/child.ts";
import { compileObject } from "../support/compile.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { heldBy } from "../support/kernel/bpf_objects.ts";
import { ROOT, withMounts } from "../support/ktm.ts";
import { needs, unless } from "../support/needs.ts";
import { forbidsTrampolines } from "../support/strategies.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { countsByCpu, Killer, openCounter } from "./kill_counter.ts";

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

/** How a script is run. */
interface ScriptRun {
  /** A program with its arguments that starts the command line that follows it. */
  readonly wrapper?: readonly string[];
  /** More flags of Deno's. */
  readonly flags?: readonly string[];
}

/** Runs a script of this folder on an object, and gives what it prints. */
async function runScript(
  object: string,
  script: string,
  args: readonly string[],
  { wrapper = [], flags = [] }: ScriptRun = {},
): Promise<unknown> {
  await using directory = await temporaryDirectory();
  const path = directory.file(`${object}.bpf.o`);
  await Deno.writeFile(path, await compileObject(object));
  const [config, file] = ["deno.json", `tests/loader/${script}`].map((name) => new URL(name, ROOT).pathname);
  const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--config", config!, "-A", ...flags, file!];
  const [program, ...rest] = [...wrapper, ...deno, path, ...args];
  const { stdout, stderr } = await output(program!, ...rest);
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

/** Runs the counter with a classic tracepoint in a mount namespace of its own. */
function countInNamespace(change: string): Promise<unknown> {
  return runScript("count", "kill_counter.ts", ["by_tracepoint"], { wrapper: withMounts(change) });
}

Deno.test(
  needs(NEEDED, "without privileges every error names the capabilities that are missing", async () => {
    const why = "CAP_BPF and CAP_PERFMON missing; run as root or grant the capabilities";
    const [map, ...others] = await runScript("refused", "without_privileges.ts", [
      "numbers",
      "nowhere_else",
    ]) as string[];
    const start = `MapCreateError: Cannot create map numbers: ${why} (`;
    assert.equal(map?.slice(0, start.length), start);
    assert.deepEqual(others, [
      `ProgramLoadError: Cannot load program nowhere_else: ${why} (bpf(BPF_PROG_LOAD): EPERM)`,
      `ProbeError: Cannot probe helper 1: ${why} (bpf(BPF_PROG_LOAD): EPERM)`,
      `ProbeError: Cannot probe kind 16 of BTF types: ${why} (bpf(BPF_BTF_LOAD): EPERM)`,
    ]);
  }),
);

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

/** The error with which a program of tests/objects/refused.bpf.c is refused. */
async function refusal(program: string): Promise<Error> {
  using object = new BpfObject(await compileObject("refused"));
  object.program("accepted");
  try {
    object.program(program);
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  assert.fail(`${program} was loaded`);
}

Deno.test(
  needs(NEEDED, "a program that the verifier refuses is an error with reason and source line", async () => {
    const error = await refusal("unchecked");
    assert.ok(error instanceof VerifierError);
    assert.match(error.message, /^Cannot load program unchecked: the verifier says: /);
    assert.match(error.message, /, at \S*refused\.bpf\.c:\d+: return \*number == 77;/);
    assert.equal(error.source?.text, "return *number == 77;");
    assert.ok(error.context.some((line) => line.startsWith(`${error.instruction}: (`)));
    assert.match(error.message, / \(bpf\(BPF_PROG_LOAD\): EACCES\)$/);
    assert.match(error.log, /R0 invalid mem access 'map_value_or_null'/);
  }),
);

Deno.test(needs(NEEDED, "a program that needs a field the kernel lacks says which", async () => {
  const { message } = await refusal("lacking");
  assert.match(message, /it needs task_struct\.never_was_there, which this kernel does not have/);
}));

Deno.test(needs(NEEDED, "a raw tracepoint that the kernel lacks is an error that names it", async () => {
  using object = new BpfObject(await compileObject("refused"));
  assert.throws(() => object.attach("nowhere_else"), {
    message: /^Cannot attach program nowhere_else: this kernel has no raw tracepoint no_such_tracepoint; /,
  });
}));

Deno.test(needs(NEEDED, "a program for USDT is refused by that name", async () => {
  using object = new BpfObject(await compileObject("sections"));
  assert.throws(() => object.program("in_usdt_bin_true_provider_name"), {
    name: "ObjectError",
    message: /: USDT is not supported, .*; in_usdt_bin_true_provider_name cannot be loaded$/,
  });
}));

Deno.test(
  needs(
    [...NEEDED, "unshare", "mount"],
    "a kernel without BTF is blamed for it, and a missing permission is not",
    async () => {
      const wrapper = withMounts("mount -t tmpfs tmpfs /sys/kernel/btf");
      assert.match(
        await runScript("count", "kill_counter.ts", ["by_tp_btf"], { wrapper }) as string,
        /^Cannot find the kernel's BTF in \/sys\/kernel\/btf\/vmlinux: use a kernel built with CONFIG_DEBUG_INFO_BTF=y/,
      );
      const flags = ["--deny-ffi"];
      assert.match(
        await runScript("count", "kill_counter.ts", ["by_tp_btf"], { flags }) as string,
        /^Cannot open libc \(.*--allow-ffi/,
      );
    },
  ),
);

Deno.test(needs(NEEDED, "a loop without end is the reason, not the states that follow it", async () => {
  const error = await refusal("endless");
  assert.ok(error instanceof VerifierError);
  assert.match(error.reason, /^infinite loop detected at insn \d+$/);
  assert.equal(error.source?.text, 'asm volatile("r1 = 5");');
}));

const forbids = forbidsTrampolines() ? undefined : "this kernel allows programs on functions";

Deno.test(unless(
  forbids,
  needs(NEEDED, "a kernel that forbids programs on functions is what is blamed", async () => {
    const { message } = await refusal("on_function");
    assert.match(
      message,
      /^Cannot load program on_function: this kernel, or a security module of its, forbids fentry /,
    );
  }),
));

Deno.test(needs(NEEDED, "a BTF tracepoint that the kernel lacks is an error that names it", async () => {
  const { message } = await refusal("nowhere");
  assert.equal(message, "Cannot load program nowhere: this kernel has no tracepoint no_such_tracepoint");
}));

Deno.test(needs(["root"], "hasHelper() tells helpers that there are from those that there are not", () => {
  // bpf_map_lookup_elem(), and a number that no helper has.
  assert.deepEqual([hasHelper(1), hasHelper(1_000_000)], [true, false]);
}));

Deno.test(
  needs(
    NEEDED,
    "without the object's BTF, which the kernel refuses, what needs it says so and why",
    async () => {
      using object = new BpfObject(await compileObject("refused_btf"));
      const why = "(without BTF, for the kernel refuses that of the object: variable odd-name: Invalid name)";
      const refusal = () => object.btfRefusal?.message;
      assert.equal(refusal(), undefined);
      assert.equal(object.program("without_btf").name, "without_btf");
      assert.equal(object.variable("odd-name").get(), 40);
      assert.equal(
        refusal(),
        "Cannot load the object's BTF: variable odd-name: Invalid name (bpf(BPF_BTF_LOAD): EINVAL)",
      );
      for (const program of ["with_lock", "with_callback"]) {
        assert.throws(() => object.program(program), (error) => {
          return error instanceof VerifierError && error.message.includes(why);
        });
      }
      // The kernel knows no lines of the program, and we do.
      assert.throws(
        () => object.program("with_lock"),
        /refused_btf\.bpf\.c:\d+: bpf_spin_lock\(&value->lock\);/,
      );
      assert.throws(
        () => object.map("of_tasks"),
        (error) => error instanceof MapCreateError && error.message.includes(why),
      );
    },
  ),
);

Deno.test(
  needs(
    NEEDED,
    "a static variable that the compiler has shrunk costs the object nothing but its type",
    async () => {
      using object = new BpfObject(await compileObject("shrunk"));
      // The lock of its map exists only with BTF.
      object.program("use_shrunk");
      assert.equal(object.btfRefusal, undefined);
      assert.equal(object.variable("whole").get(), 5);
    },
  ),
);

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
