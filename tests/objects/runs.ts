/**
 * Programs of the test objects that the kernel runs without attaching them (`BPF_PROG_TEST_RUN`), and what
 * each returns at its first run: numbers that follow from the C source alone.
 *
 * @module
 */

/** A program and what it returns. */
export interface ProgramRun {
  /** Name of the object, `<object>.bpf.c`. */
  readonly object: string;
  readonly program: string;
  /** What it is run on: a packet of at least 14 bytes, or a context. */
  readonly input: "packet" | "context";
  /** As an unsigned number of 32 bits. */
  readonly returns: number;
  /** The first release whose helpers it can call, if that is later than 5.10. */
  readonly since?: string;
}

type Row = readonly [program: string, returns: number, since?: string];

function runs(object: string, input: ProgramRun["input"], rows: readonly Row[]): ProgramRun[] {
  return rows.map(([program, returns, since]) => ({
    object,
    program,
    input,
    returns,
    ...(since === undefined ? {} : { since }),
  }));
}

/** `bpf_for_each_map_elem()` and `bpf_loop()`. */
const [FOR_EACH, LOOP] = ["5.13", "5.17"];

/** Of each object in an order in which no program disturbs a later one. */
export const PROGRAM_RUNS: readonly ProgramRun[] = [
  ...runs("calls", "packet", [
    ["no_call", 5],
    ["call_hidden", 50 + 1],
    ["call_static", 41 + 1],
    ["call_nested", 10 + 2 + 1 + 1],
    ["call_global", 7 * 3],
    ["call_nested_global", (5 + 2) * 3 + 1 + 1 * 3],
    ["call_weak", 23 + 100],
    ["call_with_map", 31],
    ["call_from_other_type", 0 + 2 + 0 * 3],
    ["for_each_element", 4, FOR_EACH],
    ["loop_with_callback", 0 + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9, LOOP],
    ["loop_with_calling_callback", 2 + 3 + 4 + 5 + 101, LOOP],
    ["two_callbacks", 0 + 1 + 2 + 4 + 0 + 1, LOOP],
  ]),
  // To be run it need not attach to anything.
  ...runs("sections", "context", [["in_raw_tp", 0]]),
  // The type is there, and so is its field.
  ...runs("calls", "context", [["call_with_core", 1 + 1]]),
  ...runs("data", "packet", [
    ["sum_data", 1 + 99 + 200 - 5 + 65000 - 300 - 7 + 40 + 3 + 4],
    ["wide_data", 1],
    ["parts_of_data", 117 + 4 + 5 + 99 + 50 + 20 + 101],
    ["hidden_data", 17 + 12 + 8],
    ["write_zeroed", 1 + 2 + 3 + 4 + 5 + 6 + 7],
    ["sum_constants", 5 + 1 + 1 + 116 - 1 + 100 + 0],
    ["own_sections", 21 + 22 + 23 + 25 + 24],
    ["index_data", 10 + 20 + 30 + 40 + 10],
    ["text_literal", 116],
  ]),
  ...runs("map_values", "packet", [
    ["called_one", 1001],
    ["called_two", 2002],
    ["tail_call_one", 1001],
    ["tail_call_two", 2002],
    ["tail_call_none", 77],
    ["write_through_maps", 4242],
    ["empty_slots", 1 + 2 + 4],
  ]),
  ...runs("latency", "packet", [
    ["around_bounds", 27 * 3],
    ["shortest", 100 + 0],
    ["longest", 100 + 27],
    ["very_long", 100 + 27],
  ]),
  ...runs("kconfig", "context", [["read_missing_settings", 0]]),
  ...runs("ksyms", "context", [["typed_missing", 2]]),
  ...runs("addresses", "context", [["missing_address", 1]]),
  ...runs("newer_types", "packet", [["use_newer_types", 30 + 10 + 2 + 0]]),
  ...runs("maps", "context", [["use_long_name", 0]]),
  ...runs("shrunk", "packet", [["use_shrunk", 5 + 3 + 20 + 100]]),
  ...runs("refused_btf", "packet", [["without_btf", 40 + 2 + 2 * 4]]),
];
