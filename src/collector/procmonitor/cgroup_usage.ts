/** What the files of the target's cgroup tell. @module */
import { isRunning, readCgroupText, type Target } from "../../discovery/mod.ts";
import type { Sample } from "../../metrics/mod.ts";
import { memorySamples } from "./memory.ts";
import { MemoryFinder, type MemoryPlace } from "./memory_place.ts";
import type { Finding } from "../module.ts";
import { pressureSamples, RESOURCES } from "./pressure.ts";
import { readSmallFile } from "./small_file.ts";

/** What makes files of a cgroup visible that are not. */
const REMEDY = "mount the host's /sys/fs/cgroup for the agent";

/** Reads pressure and memory of a target, as far as its files are visible. */
export class CgroupUsage {
  readonly #memory = new MemoryFinder(readSmallFile);
  #target: Target | undefined;

  /**
   * Reads the files.
   *
   * @param target the one of the reading before if there is none any more: the cgroup outlives its process
   */
  read(target: Target | undefined): Sample[] {
    this.#target = target ?? this.#target;
    const place = this.#placeOfMemory();
    return [
      ...this.#pressure(),
      ...place === undefined ? [] : memorySamples(place.files, place.directory, readSmallFile),
    ];
  }

  /** What is visible of it. */
  check(target: Target | undefined): Finding[] {
    this.#target = target ?? this.#target;
    if (this.#target === undefined) return [];
    const place = this.#placeOfMemory();
    const hasPressure = this.#pressure().length > 0;
    return [
      hasPressure
        ? { name: "pressure", level: "ok", detail: `${this.#target.cgroup?.path}/*.pressure` }
        : { name: "pressure", level: "note", detail: this.#absence(), remedy: `${REMEDY}; boot with psi=1` },
      place === undefined
        ? { name: "memory", level: "note", detail: "no memory controller is visible there", remedy: REMEDY }
        : { name: "memory", level: "ok", detail: `cgroup v${place.files.version}, ${place.directory}` },
    ];
  }

  #absence(): string {
    const path = this.#target?.cgroup?.path;
    return path === undefined
      ? "no mount shows the target's cgroup"
      : `${path} has no pressure files: this kernel does not keep them, or they are off`;
  }

  #placeOfMemory(): MemoryPlace | undefined {
    const { cgroup, process } = this.#target ?? {};
    // Its number may have gone to another process, which may be in any cgroup.
    const isThere = process !== undefined && isRunning(process);
    const text = isThere ? readCgroupText(process.pid) : undefined;
    return this.#memory.find(cgroup?.path, text);
  }

  #pressure(): Sample[] {
    const path = this.#target?.cgroup?.path;
    if (path === undefined) return [];
    return RESOURCES.flatMap((resource) => {
      const text = readSmallFile(`${path}/${resource}.pressure`);
      return text === undefined ? [] : pressureSamples(resource, text);
    });
  }
}
