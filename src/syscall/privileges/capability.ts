/** Linux capabilities of this process. @module */
import { checked } from "../errno.ts";
import { libc } from "../libc.ts";
import { encode, type Layout, readField } from "../struct.ts";

/** Capability numbers. Source: `include/uapi/linux/capability.h`. */
export const Capability = {
  CAP_DAC_OVERRIDE: 1,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
} as const;

/** The name of a capability that this project knows, such as `CAP_BPF`. */
export type CapabilityName = keyof typeof Capability;

/** `struct __user_cap_header_struct` and two of `struct __user_cap_data_struct` (version 3). */
const HEADER = { version: [0, 4], pid: [4, 4] } as const satisfies Layout;
const LINUX_CAPABILITY_VERSION_3 = 0x20080522;

/** Offsets of the low halves of the sets; the high halves are 12 bytes behind. */
const SETS = { effective: 0, permitted: 4, inheritable: 8 } as const;
const HIGH_HALF = 12;

function capabilitySet(name: keyof typeof SETS): bigint {
  const header = encode(HEADER, { version: LINUX_CAPABILITY_VERSION_3 });
  const data = new Uint8Array(24);
  checked(libc().capget(header, data), "capget", () => "read this process's capabilities");
  return readField(data, [SETS[name], 4]) | readField(data, [SETS[name] + HIGH_HALF, 4]) << 32n;
}

/** The calling thread's effective capability set as a bit mask, bit n being capability n. */
export function effectiveCapabilities(): bigint {
  return capabilitySet("effective");
}

/** The calling thread's permitted capability set. */
export function permittedCapabilities(): bigint {
  return capabilitySet("permitted");
}

/** Makes a set the calling thread's effective and permitted one, and the inheritable one empty. */
export function setCapabilities(set: bigint): void {
  const header = encode(HEADER, { version: LINUX_CAPABILITY_VERSION_3 });
  const data = new Uint32Array(new ArrayBuffer(24));
  for (const half of [0, 1]) {
    const bits = Number(BigInt.asUintN(32, set >> BigInt(32 * half)));
    data.set([bits, bits, 0], half * HIGH_HALF / 4);
  }
  checked(libc().capset(header, new Uint8Array(data.buffer)), "capset", () => "give up capabilities");
}

/** A set that holds some capabilities. */
export function capabilitySetOf(names: readonly CapabilityName[]): bigint {
  return names.reduce((set, name) => set | 1n << BigInt(Capability[name]), 0n);
}

/** True if `set` holds the capability. */
export function hasCapability(set: bigint, name: CapabilityName): boolean {
  return (set >> BigInt(Capability[name]) & 1n) === 1n;
}

/** How many capabilities a set holds. */
export function capabilityCount(set: bigint): number {
  return set.toString(2).replaceAll("0", "").length;
}
