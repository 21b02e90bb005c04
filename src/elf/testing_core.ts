/** Relocations of a few types against a few others, for tests. @module */
import { BtfBuilder } from "./btf/testing_btf.ts";
import { CoreEngine, type RelocationResult } from "./core.ts";

/** `enum bpf_core_relo_kind`. Source: include/uapi/linux/bpf.h. */
export const Relo = {
  FIELD_BYTE_OFFSET: 0,
  FIELD_BYTE_SIZE: 1,
  FIELD_EXISTS: 2,
  FIELD_SIGNED: 3,
  FIELD_LSHIFT_U64: 4,
  FIELD_RSHIFT_U64: 5,
  TYPE_ID_LOCAL: 6,
  TYPE_ID_TARGET: 7,
  TYPE_EXISTS: 8,
  TYPE_SIZE: 9,
  ENUMVAL_EXISTS: 10,
  ENUMVAL_VALUE: 11,
} as const;

export interface Access {
  readonly type: number;
  readonly access: string;
  readonly kind: number;
}

/** Computes relocations of a local BTF against a target; the callback builds the local types. */
export function relocateAll(
  buildLocal: (btf: BtfBuilder) => readonly Access[],
  target: BtfBuilder,
): (RelocationResult | string)[] {
  const local = new BtfBuilder();
  const accesses = buildLocal(local).map(({ type, access, kind }) => ({
    offset: 0,
    type,
    access: local.string(access),
    kind,
  }));
  const engine = new CoreEngine(local.build());
  for (const { type } of accesses) engine.wantType(type);
  openTarget(engine, target.build());
  return accesses.map((access) => engine.relocate(access));
}

export function openTarget(engine: CoreEngine, bytes: Uint8Array): void {
  engine.openTarget("the target", bytes.length, (buffer) => buffer.set(bytes));
}

export function relocate(buildLocal: (btf: BtfBuilder) => Access, target: BtfBuilder): RelocationResult {
  const [result] = relocateAll((btf) => [buildLocal(btf)], target);
  if (typeof result !== "object") throw new Error(`no result: ${result}`);
  return result;
}

/** `struct s { u32 a; u64 b; }` as the program sees it, and an access to `b`. */
export function accessToB(kind: number): (btf: BtfBuilder) => Access {
  return (btf) => {
    const u32 = btf.int("u32", 4);
    const u64 = btf.int("u64", 8);
    return { type: btf.struct("s", 16, [["a", u32, 0], ["b", u64, 64]]), access: "0:1", kind };
  };
}
