/**
 * Numbers and structures of `bpf(2)`.
 *
 * Source of all: `include/uapi/linux/bpf.h`. `tests/syscall/kernel_abi_test.ts` compares the layouts with the
 * BTF of the running kernel.
 *
 * @module
 */
import type { Layout } from "../struct.ts";

/** `enum bpf_cmd`. */
export const BpfCommand = {
  MAP_CREATE: 0,
  MAP_LOOKUP_ELEM: 1,
  MAP_UPDATE_ELEM: 2,
  MAP_DELETE_ELEM: 3,
  MAP_GET_NEXT_KEY: 4,
  PROG_LOAD: 5,
  PROG_TEST_RUN: 10,
  OBJ_GET_INFO_BY_FD: 15,
  RAW_TRACEPOINT_OPEN: 17,
  BTF_LOAD: 18,
  BTF_GET_FD_BY_ID: 19,
  MAP_LOOKUP_AND_DELETE_ELEM: 21,
  MAP_FREEZE: 22,
  BTF_GET_NEXT_ID: 23,
  MAP_LOOKUP_BATCH: 24,
  LINK_CREATE: 28,
  ENABLE_STATS: 32,
  ITER_CREATE: 33,
} as const;

/** `union bpf_attr` for BPF_MAP_CREATE. */
export const MAP_CREATE_ATTR = {
  map_type: [0, 4],
  key_size: [4, 4],
  value_size: [8, 4],
  max_entries: [12, 4],
  map_flags: [16, 4],
  inner_map_fd: [20, 4],
  numa_node: [24, 4],
  map_name: [28, 16],
  btf_fd: [48, 4],
  btf_key_type_id: [52, 4],
  btf_value_type_id: [56, 4],
  map_extra: [64, 8],
} as const satisfies Layout;

/** `union bpf_attr` for BPF_MAP_*_ELEM and BPF_MAP_FREEZE. */
export const MAP_ELEM_ATTR = {
  map_fd: [0, 4],
  key: [8, 8],
  value: [16, 8],
  flags: [24, 8],
} as const satisfies Layout;

/** `union bpf_attr` for BPF_PROG_LOAD. */
export const PROG_LOAD_ATTR = {
  prog_type: [0, 4],
  insn_cnt: [4, 4],
  insns: [8, 8],
  license: [16, 8],
  log_level: [24, 4],
  log_size: [28, 4],
  log_buf: [32, 8],
  kern_version: [40, 4],
  prog_flags: [44, 4],
  prog_name: [48, 16],
  expected_attach_type: [68, 4],
  prog_btf_fd: [72, 4],
  func_info_rec_size: [76, 4],
  func_info: [80, 8],
  func_info_cnt: [88, 4],
  line_info_rec_size: [92, 4],
  line_info: [96, 8],
  line_info_cnt: [104, 4],
  attach_btf_id: [108, 4],
  attach_btf_obj_fd: [112, 4],
  fd_array: [120, 8],
} as const satisfies Layout;

/** `union bpf_attr` for BPF_RAW_TRACEPOINT_OPEN, the member `raw_tracepoint`. */
export const RAW_TRACEPOINT_ATTR = { name: [0, 8], prog_fd: [8, 4] } as const satisfies Layout;

/** `union bpf_attr` for BPF_BTF_LOAD. */
export const BTF_LOAD_ATTR = {
  btf: [0, 8],
  btf_log_buf: [8, 8],
  btf_size: [16, 4],
  btf_log_size: [20, 4],
  btf_log_level: [24, 4],
} as const satisfies Layout;

/** `union bpf_attr` for BPF_LINK_CREATE, the member `link_create`. */
export const LINK_CREATE_ATTR = {
  prog_fd: [0, 4],
  target_fd: [4, 4],
  attach_type: [8, 4],
} as const satisfies Layout;

/** The same for iterators that do not go over everything of their kind. */
export const ITER_LINK_ATTR = {
  prog_fd: [0, 4],
  attach_type: [8, 4],
  iter_info: [16, 8],
  iter_info_len: [24, 4],
} as const satisfies Layout;

/** `union bpf_iter_link_info`, the member `task` (6.1). */
export const ITER_TASK_INFO = { tid: [0, 4], pid: [4, 4], pid_fd: [8, 4] } as const satisfies Layout;

/** The same for programs of netfilter, whose attach point is a part of it (6.4). */
export const NETFILTER_LINK_ATTR = {
  prog_fd: [0, 4],
  attach_type: [8, 4],
  flags: [12, 4],
  "netfilter.pf": [16, 4],
  "netfilter.hooknum": [20, 4],
  "netfilter.priority": [24, 4],
  "netfilter.flags": [28, 4],
} as const satisfies Layout;

/** Bits of the first word of a ring buffer's record, and the size of what stands before its data. */
export const BpfRingBuffer = { BUSY_BIT: 1 << 31 >>> 0, DISCARD_BIT: 1 << 30, HDR_SZ: 8 } as const;

/** `union bpf_attr` for BPF_OBJ_GET_INFO_BY_FD, the member `info`. */
export const OBJ_INFO_ATTR = { bpf_fd: [0, 4], info_len: [4, 4], info: [8, 8] } as const satisfies Layout;

/** `struct bpf_map_info`. */
export const MAP_INFO = {
  type: [0, 4],
  id: [4, 4],
  key_size: [8, 4],
  value_size: [12, 4],
  max_entries: [16, 4],
  map_flags: [20, 4],
  name: [24, 16],
} as const satisfies Layout;

/** `struct bpf_prog_info`; `recursion_misses` from 5.12. */
export const PROG_INFO = {
  type: [0, 4],
  id: [4, 4],
  name: [64, 16],
  btf_id: [128, 4],
  run_time_ns: [192, 8],
  run_cnt: [200, 8],
  recursion_misses: [208, 8],
} as const satisfies Layout;

/** `union bpf_attr` for BPF_ENABLE_STATS (5.8), and its only type. */
export const ENABLE_STATS_ATTR = { type: [0, 4] } as const satisfies Layout;
export const BPF_STATS_RUN_TIME = 0;

/** `union bpf_attr` for BPF_PROG_TEST_RUN, the member `test`. */
export const TEST_RUN_ATTR = {
  prog_fd: [0, 4],
  retval: [4, 4],
  data_size_in: [8, 4],
  data_size_out: [12, 4],
  data_in: [16, 8],
  data_out: [24, 8],
  repeat: [32, 4],
  duration: [36, 4],
  ctx_size_in: [40, 4],
  ctx_size_out: [44, 4],
  ctx_in: [48, 8],
  ctx_out: [56, 8],
  flags: [64, 4],
} as const satisfies Layout;

/** `union bpf_attr` for BPF_MAP_LOOKUP_BATCH, the member `batch`. */
export const MAP_BATCH_ATTR = {
  in_batch: [0, 8],
  out_batch: [8, 8],
  keys: [16, 8],
  values: [24, 8],
  count: [32, 4],
  map_fd: [36, 4],
} as const satisfies Layout;

/** `union bpf_attr` for BPF_ITER_CREATE, the member `iter_create`. */
export const ITER_CREATE_ATTR = { link_fd: [0, 4], flags: [4, 4] } as const satisfies Layout;

/** `union bpf_attr` for BPF_*_GET_FD_BY_ID and BPF_*_GET_NEXT_ID. */
export const ID_ATTR = { id: [0, 4], next_id: [4, 4] } as const satisfies Layout;

/** `struct bpf_btf_info`. */
export const BTF_INFO = {
  btf: [0, 8],
  btf_size: [8, 4],
  id: [12, 4],
  name: [16, 8],
  name_len: [24, 4],
  kernel_btf: [28, 4],
} as const satisfies Layout;
