/** Specifications of maps for tests. @module */
import { BpfMapType, type MapSpec } from "../../elf/mod.ts";

/** A hash of one key of 4 bytes and values of 8, without types, but for what is given. */
export function mapSpec(given: Partial<MapSpec>): MapSpec {
  return {
    name: "m",
    type: BpfMapType.HASH,
    keySize: 4,
    valueSize: 8,
    maxEntries: 1,
    flags: 0,
    numaNode: 0,
    mapExtra: 0n,
    keyType: 0,
    valueType: 0,
    slots: [],
    ...given,
  };
}
