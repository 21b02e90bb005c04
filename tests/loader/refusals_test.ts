/**
 * What the kernel or the loader refuses of an object, and what the errors say of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BpfObject, MapCreateError, VerifierError } from "../../src/loader/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { compileObject } from "../support/compile.ts";
import { withMounts } from "../support/ktm.ts";
import { needs, unless } from "../support/needs.ts";
import { forbidsTrampolines } from "../support/strategies.ts";
import { runScript } from "./script.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = ["root", "btf", "clang"] as const;

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
