/**
 * A program in a PID namespace, which watches a process there, and one whose number there is another one's: it prints,
 * as JSON, how many threads each has and why not.
 *
 * @module
 */
import { Child } from "../support/child.ts";
import { targetOf, Watching } from "./harness.ts";

const [cgroup] = Deno.args as [string];

await using child = new Child("sleep", { args: ["60"] });
using watching = new Watching(targetOf(child.pid, cgroup));
const threads = watching.read().get("ktm_process_threads");
const own = new Watching(targetOf(Deno.pid, cgroup));
const ownThreads = own.read().get("ktm_process_threads");
own.monitor.stop();
const there = Number(/^Threads:\s*(\d+)$/m.exec(Deno.readTextFileSync("/proc/self/status"))![1]);
console.log(JSON.stringify({ pid: Deno.pid, threads, isOwnRight: ownThreads === there }));
