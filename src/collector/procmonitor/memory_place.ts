/** Where the memory controller has a process, which cgroup v1 has apart from all else. @module */
import { locateCgroup } from "../../discovery/mod.ts";
import { type Mount, mountsOfType } from "../../syscall/mod.ts";
import { MEMORY_V1, MEMORY_V2, type MemoryFiles, type ReadFile } from "./memory.ts";

/** A directory with the files of the memory controller. */
export interface MemoryPlace {
  readonly files: MemoryFiles;
  readonly directory: string;
}

/**
 * The cgroup of a process in the hierarchy of a controller of version 1.
 *
 * @param text of `/proc/<pid>/cgroup`
 * @returns its path, or undefined if that controller is not one of version 1
 */
export function parseV1Path(text: string, controller: string): string | undefined {
  for (const line of text.split("\n")) {
    const [, controllers, path] = /^[0-9]+:([^:]+):(\/.*)$/.exec(line) ?? [];
    if (controllers?.split(",").includes(controller)) return path;
  }
  return undefined;
}

/** What is asked of the machine; only tests have others. */
export interface MemoryAccess {
  readonly read: ReadFile;
  readonly mounts: () => readonly Mount[];
}

function hasFiles({ files, directory }: MemoryPlace, read: ReadFile): boolean {
  return read(`${directory}/${files.current}`) !== undefined;
}

/** Whether it is the root of its hierarchy, which stands for the machine: only that has this file (`man 7 cgroups`). */
function isRoot({ directory }: MemoryPlace, read: ReadFile): boolean {
  return read(`${directory}/release_agent`) !== undefined;
}

/**
 * Whether a process has ended, or is about to: hierarchies of version 1 then report it in their root
 * (`proc_cgroup_show()` in kernel/cgroup/cgroup.c).
 */
function hasNoMemoryCgroup(text: string | undefined): boolean {
  return text === undefined || parseV1Path(text, "memory") === "/";
}

/** Finds the directory of the memory controller, and again when the process is in another cgroup. */
export class MemoryFinder {
  readonly #access: MemoryAccess;
  #key: string | undefined;
  #place: MemoryPlace | undefined;

  /** @param read reads small files */
  constructor(read: ReadFile, mounts: () => readonly Mount[] = () => mountsOfType("cgroup")) {
    this.#access = { read, mounts };
  }

  /**
   * Finds it.
   *
   * @param directory of the target's cgroup of version 2, if it is visible
   * @param text of `/proc/<pid>/cgroup` of its process; without one it is where it was found last
   * @returns undefined if no mount shows it
   */
  find(directory: string | undefined, text: string | undefined): MemoryPlace | undefined {
    if (this.#place !== undefined && hasNoMemoryCgroup(text)) return this.#place;
    const key = `${directory}\n${text}`;
    if (key === this.#key) return this.#place;
    this.#key = key;
    return this.#place = this.#unified(directory) ?? this.#legacy(text ?? "");
  }

  #unified(directory: string | undefined): MemoryPlace | undefined {
    const place = directory === undefined ? undefined : { files: MEMORY_V2, directory };
    return place !== undefined && hasFiles(place, this.#access.read) ? place : undefined;
  }

  #legacy(text: string): MemoryPlace | undefined {
    const path = parseV1Path(text, "memory");
    if (path === undefined) return undefined;
    return locateCgroup(this.#access.mounts(), path)
      .map((location): MemoryPlace => ({ files: MEMORY_V1, directory: location.path }))
      // Of another controller's hierarchy: it has none of the files.
      .find((place) => hasFiles(place, this.#access.read) && !isRoot(place, this.#access.read));
  }
}
