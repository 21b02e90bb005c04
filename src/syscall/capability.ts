/** Linux capabilities of this process. @module */
import { checked } from "./errno.ts";
import { libc } from "./libc.ts";
import { encode, type Layout, readField } from "./struct.ts";

/** Capability numbers. Source: `include/uapi/linux/capability.h`. */
export const Capability = {
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

/** The effective capability set as a bit mask, bit n being capability n. */
export function effectiveCapabilities(): bigint {
  const header = encode(HEADER, { version: LINUX_CAPABILITY_VERSION_3 });
  const data = new Uint8Array(24);
  checked(libc().capget(header, data), "capget", () => "read this process's capabilities");
  return readField(data, [0, 4]) | readField(data, [12, 4]) << 32n;
}

/** True if `set` holds the capability. */
export function hasCapability(set: bigint, name: CapabilityName): boolean {
  return (set >> BigInt(Capability[name]) & 1n) === 1n;
}
