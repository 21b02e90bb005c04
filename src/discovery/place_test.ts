import assert from "node:assert/strict";
import { describePlace, type Place, placeOfPath } from "./place.ts";

const UID = "8f2c7d34_11aa_4c5e_9d0b_5a0c7fe19b11";
const ID = "4f8c6bb1c1f0a27ad9a07d4f3bd5d2f3e8c0a7d9b1e24c5f60718293a4b5c6d7";
const POD = `/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID}.slice`;

const PLACES: readonly (readonly [path: string, place: Place])[] = [
  [`${POD}/cri-containerd-${ID}.scope`, { kind: "pod", path: POD }],
  [`${POD}/crio-${ID}.scope/container`, { kind: "pod", path: POD }],
  [
    "/sys/fs/cgroup/kubepods/burstable/pod8f2c7d34-11aa-4c5e-9d0b-5a0c7fe19b11/abc",
    { kind: "pod", path: "/sys/fs/cgroup/kubepods/burstable/pod8f2c7d34-11aa-4c5e-9d0b-5a0c7fe19b11" },
  ],
  [
    "/sys/fs/cgroup/unified/system.slice/banyandb.service",
    { kind: "unit", path: "/sys/fs/cgroup/unified/system.slice/banyandb.service" },
  ],
  [
    "/sys/fs/cgroup/system.slice/banyandb.service/worker",
    { kind: "unit", path: "/sys/fs/cgroup/system.slice/banyandb.service" },
  ],
  [
    "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/db.service",
    {
      kind: "unit",
      path: "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/db.service",
    },
  ],
  [
    `/sys/fs/cgroup/system.slice/docker-${ID}.scope`,
    { kind: "scope", path: `/sys/fs/cgroup/system.slice/docker-${ID}.scope` },
  ],
  ["/sys/fs/cgroup/db/front", { kind: "cgroup", path: "/sys/fs/cgroup/db/front" }],
];

for (const [path, place] of PLACES) {
  Deno.test(`placeOfPath() finds where a target comes back: ${path}`, () => {
    assert.deepEqual(placeOfPath(path), place);
    if ("path" in place) assert.equal(describePlace(place), `${place.kind} ${place.path}`);
  });
}
