/**
 * Numbers and structures of `bpf(2)`.
 *
 * Source of all: `include/uapi/linux/bpf.h`. `tests/kernel_abi_test.ts` compares the layouts with the
 * BTF of the running kernel.
 *
 * @module
 */
import type { Layout } from "./struct.ts";

/** `enum bpf_cmd`. */
export const BpfCommand = {
  MAP_CREATE: 0,
  MAP_LOOKUP_ELEM: 1,
  MAP_UPDATE_ELEM: 2,
  PROG_LOAD: 5,
  OBJ_GET_INFO_BY_FD: 15,
  RAW_TRACEPOINT_OPEN: 17,
  BTF_LOAD: 18,
  MAP_FREEZE: 22,
  LINK_CREATE: 28,
} as const;

/** `enum bpf_map_type`, as far as the loader treats a type specially. */
export const BpfMapType = {
  HASH: 1,
  ARRAY: 2,
  PERCPU_HASH: 5,
  PERCPU_ARRAY: 6,
  LRU_PERCPU_HASH: 10,
  PERCPU_CGROUP_STORAGE: 21,
  TASK_STORAGE: 29,
} as const;

/** `enum bpf_prog_type`. */
export const BpfProgramType = {
  KPROBE: 2,
  TRACEPOINT: 5,
  RAW_TRACEPOINT: 17,
  TRACING: 26,
} as const;

/** `enum bpf_attach_type`. */
export const BpfAttachType = {
  TRACE_RAW_TP: 23,
  TRACE_FENTRY: 24,
  TRACE_FEXIT: 25,
  TRACE_ITER: 28,
  PERF_EVENT: 41,
} as const;

/** Flags of map creation. */
export const BpfMapFlag = { NO_PREALLOC: 1, RDONLY_PROG: 1 << 7, MMAPABLE: 1 << 10 } as const;

/** `union bpf_attr` for BPF_MAP_CREATE. */
export const MAP_CREATE_ATTR = {
  map_type: [0, 4],
  key_size: [4, 4],
  value_size: [8, 4],
  max_entries: [12, 4],
  map_flags: [16, 4],
  inner_map_fd: [20, 4],
  map_name: [28, 16],
  btf_fd: [48, 4],
  btf_key_type_id: [52, 4],
  btf_value_type_id: [56, 4],
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

/** `struct bpf_prog_info`. */
export const PROG_INFO = {
  type: [0, 4],
  id: [4, 4],
  name: [64, 16],
  run_time_ns: [192, 8],
  run_cnt: [200, 8],
} as const satisfies Layout;
