/**
 * Programs that attach where somebody says, on the running kernel, with traffic of known size.
 *
 * @module
 */
import assert from "node:assert/strict";
import { whereAttached } from "../../src/loader/attach/link.ts";
import {
  type AttachPlace,
  BpfObject,
  parseObject,
  toCgroup,
  toInterface,
  toNetfilter,
} from "../../src/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { output } from "../support/child.ts";
import { compileObject } from "../support/compile.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { hasRelease } from "../support/kernel/kernel_release.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { makeCgroup, sendFrom, testScript } from "./places.ts";
import { MEANWHILE, type PlaceName } from "./places_in_namespace.ts";
import type { LoopbackReport } from "./udp_loopback.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = ["root", "btf", "clang"] as const;
const IN_CGROUP = [...NEEDED, "cgroup2"] as const;
const IN_NAMESPACE = [...NEEDED, "unshare", "ip"] as const;

const NO_ERROR: LoopbackReport = { bind: "none", connect: "ECONNREFUSED" };

const countOf = (object: BpfObject) => Number(object.variable("count").get());

for (const program of ["count_egress", "count_ingress", "count_either"]) {
  Deno.test(needs(IN_CGROUP, `${program}: the packets of a cgroup are counted, and no others`, async () => {
    await using watched = makeCgroup();
    await using other = makeCgroup();
    using object = new BpfObject(await compileObject("places"));
    assert.deepEqual(await sendFrom(watched.path, 2), NO_ERROR);
    object.attach(program, toCgroup(watched.path));
    await sendFrom(watched.path, 25);
    await sendFrom(other.path, 3);
    assert.equal(countOf(object), 25);
    object.unload(program);
    await sendFrom(watched.path, 4);
    assert.equal(countOf(object), 25);
  }));
}

Deno.test(
  needs(IN_CGROUP, "a program attaches to two cgroups, and to a third by a link that is closed", async () => {
    await using first = makeCgroup();
    await using second = makeCgroup();
    await using third = makeCgroup();
    using object = new BpfObject(await compileObject("places"));
    object.attach("count_egress", toCgroup(first.path));
    object.attach("count_egress", toCgroup(second.path));
    {
      using _link = object.program("count_egress").link(toCgroup(third.path));
      for (const [{ path }, count] of [[first, 1], [second, 10], [third, 100]] as const) {
        await sendFrom(path, count);
      }
    }
    await sendFrom(third.path, 1000);
    assert.equal(countOf(object), 111);
  }),
);

Deno.test(needs(IN_CGROUP, "a program of a cgroup forbids it to connect", async () => {
  await using cgroup = makeCgroup();
  using object = new BpfObject(await compileObject("places"));
  object.attach("refuse_connect", toCgroup(cgroup.path));
  assert.deepEqual(await sendFrom(cgroup.path, 1), { bind: "none", connect: "EPERM" });
  assert.equal(countOf(object), 1);
}));

Deno.test(needs(IN_CGROUP, "programs of sockets see the connections of a cgroup", async () => {
  await using cgroup = makeCgroup();
  using object = new BpfObject(await compileObject("places"));
  object.attach("count_sockops", toCgroup(cgroup.path));
  await sendFrom(cgroup.path, 1);
  assert.ok(countOf(object) > 0);
}));

/** What a program counts in a network namespace of its own, or the error. */
async function countInNamespace(object: string, program: string, place: PlaceName): Promise<unknown> {
  await using directory = await temporaryDirectory();
  const path = directory.file("object.bpf.o");
  await Deno.writeFile(path, await compileObject(object));
  const { stdout, stderr } = await output(
    "unshare",
    "--net",
    ...testScript("places_in_namespace.ts", path, program, place),
  );
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

Deno.test(needs(IN_NAMESPACE, "xdp: the packets of an interface are counted", async () => {
  assert.equal(await countInNamespace("places", "count_xdp", "loopback"), MEANWHILE);
}));

Deno.test(needs(IN_NAMESPACE, "an interface that is not there is an error that names it", async () => {
  assert.equal(
    await countInNamespace("places", "count_xdp", "nowhere"),
    "Cannot find network interface no_such_if: No such device (if_nametoindex: ENODEV)",
  );
}));

Deno.test(needs(IN_NAMESPACE, "sk_lookup: each look-up of a datagram's socket is counted", async () => {
  assert.equal(await countInNamespace("places", "count_lookups", "namespace"), MEANWHILE);
}));

Deno.test(needs(IN_NAMESPACE, "a file that is no network namespace is refused", async () => {
  assert.match(
    String(await countInNamespace("places", "count_lookups", "file")),
    /^Cannot attach program count_lookups to network namespace \/proc\/self\/comm: .* \(bpf\(BPF_LINK_CREATE\): EINVAL\)$/,
  );
}));

Deno.test(
  needs(IN_NAMESPACE, "flow_dissector: a network namespace takes it", async () => {
    assert.equal(await countInNamespace("places", "dissect_nothing", "namespace"), 0);
  }),
);

for (const program of ["count_tcx_ingress", "count_tcx_egress"]) {
  const what = hasRelease("6.6") ? "the packets of an interface are counted" : "the kernel lacks it";
  Deno.test(needs(IN_NAMESPACE, `${program}: ${what}`, async () => {
    const section = program === "count_tcx_ingress" ? "tcx/ingress" : "tcx/egress";
    const refusal = `Cannot attach program ${program} to interface lo: Invalid argument ` +
      `(bpf(BPF_LINK_CREATE): EINVAL); links of ${section} came with Linux 6.6`;
    assert.equal(
      await countInNamespace("places_newer", program, "loopback"),
      hasRelease("6.6") ? MEANWHILE : refusal,
    );
  }));
}

const netfilter = hasRelease("6.4") ? "the packets at a hook are counted" : "the kernel lacks it";

Deno.test(needs(IN_NAMESPACE, `netfilter: ${netfilter}`, async () => {
  const refusal =
    "Cannot load program count_netfilter: the kernel refuses it; netfilter came with Linux 6.4 " +
    "(bpf(BPF_PROG_LOAD): EINVAL)";
  assert.equal(
    await countInNamespace("places_newer", "count_netfilter", "input"),
    hasRelease("6.4") ? MEANWHILE : refusal,
  );
}));

Deno.test(needs(IN_CGROUP, "links and descriptors are given back with the object", async () => {
  const bytes = await compileObject("places");
  await using cgroup = makeCgroup();
  const before = openDescriptors().size;
  using object = new BpfObject(bytes);
  object.attach("count_egress", toCgroup(cgroup.path));
  const opened = [...openDescriptors().values()].filter((name) => name.includes("bpf_link"));
  assert.equal(opened.length, 1);
  for (const place of [toInterface("lo"), toCgroup("/proc"), toCgroup("/no/such/cgroup")]) {
    assert.throws(() => object.attach("count_egress", place));
  }
  object.close();
  assert.equal(openDescriptors().size, before);
}));

/** The message with which a program of `tests/objects/<object>.bpf.c` is not attached. */
async function refusal(object: string, program: string, place?: AttachPlace): Promise<string> {
  using opened = new BpfObject(await compileObject(object));
  try {
    opened.attach(program, place);
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
  assert.fail(`${program} was attached`);
}

Deno.test(needs(NEEDED, "a program that has not been told where to attach says what it needs", async () => {
  const cases = [
    ["places", "count_egress", "cgroup_skb/egress attaches to a cgroup; say which with toCgroup()"],
    ["places", "count_sockops", "sockops attaches to a cgroup; say which with toCgroup()"],
    ["places", "count_xdp", "xdp attaches to a network interface; say which with toInterface()"],
    [
      "places",
      "count_lookups",
      "sk_lookup attaches to a network namespace; say which with toNetworkNamespace()",
    ],
    [
      "places_newer",
      "count_tcx_egress",
      "tcx/egress attaches to a network interface; say which with toInterface()",
    ],
  ] as const;
  for (const [object, program, message] of cases) {
    assert.equal(await refusal(object, program), `Cannot attach program ${program}: ${message}`);
  }
}));

Deno.test(needs(NEEDED, "a program that attaches to something else says to what", async () => {
  assert.equal(
    await refusal("places", "count_xdp", toCgroup("/sys/fs/cgroup")),
    "Cannot load program count_xdp for cgroup /sys/fs/cgroup: xdp attaches to a network interface; " +
      "say which with toInterface()",
  );
  assert.equal(
    await refusal("count", "by_raw_tp", toInterface("lo")),
    "Cannot load program by_raw_tp for interface lo: raw_tp attaches to what its section's name says",
  );
  assert.equal(
    await refusal("answer", "ask", toNetfilter({ family: "ipv6", hook: "output", priority: 1 })),
    "Cannot load program ask for netfilter ipv6 output at 1: tc cannot be attached here; " +
      "make it tcx/ingress or tcx/egress, or use tc-bpf(8)",
  );
  assert.equal(
    await refusal("places", "count_egress", toCgroup("/proc")),
    "Cannot attach program count_egress to cgroup /proc: it is no cgroup of version 2",
  );
}));

Deno.test(needs(NEEDED, "a program that goes into another one has to be told into which", async () => {
  assert.equal(
    await refusal("replace", "other_answer"),
    "Cannot load program other_answer: freplace attaches to a function of another program; " +
      "say whose with toProgram()",
  );
}));

Deno.test(
  needs(["clang"], "every kind of program has a way to attach, or says what to do with it", async () => {
    const { programs } = parseObject(await compileObject("sections"));
    const kinds = programs.flatMap(({ kind }) => kind ?? []).filter(({ attach }) => attach === "none");
    const advice = new Map(kinds.map((kind) => [kind.prefix, whereAttached(kind)]));
    assert.equal(
      advice.get("socket"),
      "socket cannot be attached here; use setsockopt(SO_ATTACH_BPF) of a socket, with its fd",
    );
    assert.ok(advice.size > 15);
    for (const [prefix, text] of advice) {
      assert.match(
        text,
        new RegExp(`^${RegExp.escape(prefix)} cannot be attached here; (use|make|put|call) `),
      );
    }
  }),
);
