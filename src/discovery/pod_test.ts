import assert from "node:assert/strict";
import { levelsToPod } from "./pod.ts";

const UID = "8f2c7d34-11aa-4c5e-9d0b-5a0c7fe19b11";
const SLICE_UID = UID.replaceAll("-", "_");
const ID = "4f8c6bb1c1f0a27ad9a07d4f3bd5d2f3e8c0a7d9b1e24c5f60718293a4b5c6d7";

/** The cgroups above a container's, as these make them. */
const IN_A_POD: readonly (readonly [maker: string, names: readonly string[], levels: number])[] = [
  ["systemd driver, guaranteed", [`kubepods-pod${SLICE_UID}.slice`, "kubepods.slice"], 1],
  [
    "systemd driver, burstable",
    [`kubepods-burstable-pod${SLICE_UID}.slice`, "kubepods-burstable.slice"],
    1,
  ],
  [
    "systemd driver, CRI-O with crun",
    [`crio-${ID}.scope`, `kubepods-besteffort-pod${SLICE_UID}.slice`],
    2,
  ],
  [
    "kubelet in a slice of its own",
    [`kubelet-kubepods-burstable-pod${SLICE_UID}.slice`, "kubelet-kubepods-burstable.slice"],
    1,
  ],
  [
    "a static pod",
    ["kubepods-burstable-pod6576683a93d91d8e2119df2c2755f2f1.slice", "kubepods-burstable.slice"],
    1,
  ],
  ["cgroupfs driver", [`pod${UID}`, "burstable"], 1],
  ["podman", [`libpod-${ID}.scope`, `machine-libpod_pod_${ID}.slice`], 2],
  ["podman of a user", [`libpod-${ID}.scope`, `user-libpod_pod_${ID}.slice`], 2],
];

for (const [maker, names, levels] of IN_A_POD) {
  Deno.test(`levelsToPod() knows the pod's cgroup above a container's: ${maker}`, () => {
    assert.equal(levelsToPod(names), levels);
  });
}

const IN_NONE: readonly (readonly [what: string, names: readonly string[]])[] = [
  ["nothing above", []],
  ["the root", [""]],
  ["docker", ["system.slice", ""]],
  ["docker, cgroupfs driver", ["docker", ""]],
  ["a container of podman's in no pod", [`libpod-${ID}.scope`, "machine.slice"]],
  ["a systemd unit", ["system.slice", ""]],
  ["all pods of a class", ["kubepods-burstable.slice", "kubepods.slice"]],
  ["all pods of a class, cgroupfs driver", ["burstable", "kubepods"]],
  ["a template's name that begins alike", ["pod.slice", "pod-database.slice"]],
  ["a name that goes on after the uid", [`pod${UID}-more`, `kubepods-pod${SLICE_UID}.slice:cri:${ID}`]],
  ["a name that is cut off", [`kubepods-pod${SLICE_UID}.sli`, `libpod_pod_${ID}.slic`]],
];

for (const [what, names] of IN_NONE) {
  Deno.test(`levelsToPod() takes nothing else for a pod: ${what}`, () => {
    assert.equal(levelsToPod(names), undefined);
  });
}
