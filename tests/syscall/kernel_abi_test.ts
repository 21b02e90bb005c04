/**
 * Layouts and numbers of the sources against the BTF of the running kernel.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BpfAttachType, BpfMapFlag, BpfMapType, BpfProgramType } from "../../src/elf/mod.ts";
import {
  BpfCommand,
  BpfRingBuffer,
  BTF_INFO,
  BTF_LOAD_ATTR,
  ITER_CREATE_ATTR,
  ITER_LINK_ATTR,
  ITER_TASK_INFO,
  type Layout,
  LINK_CREATE_ATTR,
  MAP_BATCH_ATTR,
  MAP_CREATE_ATTR,
  MAP_ELEM_ATTR,
  MAP_INFO,
  NETFILTER_LINK_ATTR,
  OBJ_INFO_ATTR,
  PERF_EVENT_ATTR,
  processId,
  PROG_INFO,
  PROG_LOAD_ATTR,
  RAW_TRACEPOINT_ATTR,
  STATX,
  TEST_RUN_ATTR,
} from "../../src/syscall/mod.ts";
import { needs } from "../support/needs.ts";
import {
  anonymousAlternatives,
  enumerators,
  enumeratorsBeside,
  fieldsOf,
  fieldsOfMember,
  type Place,
} from "./kernel_types.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** The kernel's places of the fields that a layout names. */
function placesIn(fields: ReadonlyMap<string, Place>, layout: Layout): Record<string, Place | undefined> {
  return Object.fromEntries(Object.keys(layout).map((name) => [name, fields.get(name)]));
}

function assertLayout(layout: Layout, fields: ReadonlyMap<string, Place>): void {
  assert.deepEqual(layout, placesIn(fields, layout));
}

Deno.test(needs(["btf"], "the members of union bpf_attr without a name are as in the kernel", () => {
  const alternatives = anonymousAlternatives("bpf_attr");
  for (const layout of [MAP_CREATE_ATTR, MAP_ELEM_ATTR, PROG_LOAD_ATTR, BTF_LOAD_ATTR]) {
    const names = Object.keys(layout);
    const fitting = alternatives.filter((fields) => names.every((name) => fields.has(name)));
    assert.equal(fitting.length, 1, names.join(" "));
    assertLayout(layout, fitting[0]!);
  }
}));

Deno.test(needs(["btf"], "the members of union bpf_attr with a name are as in the kernel", () => {
  assertLayout(RAW_TRACEPOINT_ATTR, fieldsOfMember("bpf_attr", "raw_tracepoint"));
  assertLayout(LINK_CREATE_ATTR, fieldsOfMember("bpf_attr", "link_create"));
  assertLayout(ITER_LINK_ATTR, fieldsOfMember("bpf_attr", "link_create"));
  assertLayout(ITER_TASK_INFO, fieldsOfMember("bpf_iter_link_info", "task"));
  assertLayout(NETFILTER_LINK_ATTR, fieldsOfMember("bpf_attr", "link_create"));
  assertLayout(OBJ_INFO_ATTR, fieldsOfMember("bpf_attr", "info"));
  assertLayout(TEST_RUN_ATTR, fieldsOfMember("bpf_attr", "test"));
  assertLayout(MAP_BATCH_ATTR, fieldsOfMember("bpf_attr", "batch"));
  assertLayout(ITER_CREATE_ATTR, fieldsOfMember("bpf_attr", "iter_create"));
}));

Deno.test(
  needs(["btf"], "structures that bpf(), perf_event_open() and statx() use are as in the kernel", () => {
    assertLayout(MAP_INFO, fieldsOf("bpf_map_info"));
    assertLayout(PROG_INFO, fieldsOf("bpf_prog_info"));
    assertLayout(BTF_INFO, fieldsOf("bpf_btf_info"));
    assertLayout(PERF_EVENT_ATTR, fieldsOf("perf_event_attr"));
    assertLayout(STATX, fieldsOf("statx"));
  }),
);

Deno.test(needs(["btf"], "numbers of commands, types and flags are as in the kernel", () => {
  const cases: [
    numbers: Readonly<Record<string, number>>,
    enumeration: string,
    prefix: string,
    end: string,
  ][] = [
    [BpfCommand, "bpf_cmd", "BPF_", "__MAX_BPF_CMD"],
    [BpfMapType, "bpf_map_type", "BPF_MAP_TYPE_", "__MAX_BPF_MAP_TYPE"],
    [BpfProgramType, "bpf_prog_type", "BPF_PROG_TYPE_", "__MAX_BPF_PROG_TYPE"],
    [BpfAttachType, "bpf_attach_type", "BPF_", "__MAX_BPF_ATTACH_TYPE"],
  ];
  for (const [numbers, enumeration, prefix, end] of cases) {
    const values = enumerators(enumeration);
    // Older kernels do not say where the commands end.
    const newer = values.get(end) ?? Infinity;
    const known = Object.entries(numbers).filter(([, number]) => number < newer);
    const expected = known.map(([name]) => [name, values.get(prefix + name)]);
    assert.deepEqual(Object.fromEntries(known), Object.fromEntries(expected), enumeration);
    assert.ok(known.length > 10, enumeration);
  }
  const flags = enumeratorsBeside("BPF_F_NO_PREALLOC");
  for (const [name, flag] of Object.entries(BpfMapFlag)) assert.equal(flag, flags.get(`BPF_F_${name}`), name);
  const bits = enumeratorsBeside("BPF_RINGBUF_HDR_SZ");
  for (const [name, bit] of Object.entries(BpfRingBuffer)) {
    // Enumerators are read as signed numbers.
    assert.equal(bit | 0, bits.get(`BPF_RINGBUF_${name}`)! | 0, name);
  }
}));
