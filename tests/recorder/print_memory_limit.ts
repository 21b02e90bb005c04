/** A program that prints the memory limit of its cgroup. @module */
import { cgroupMemoryLimit } from "../../src/recorder/memory_limit.ts";
import { readTextFile } from "../../src/syscall/mod.ts";

console.log(String(cgroupMemoryLimit(readTextFile)));
