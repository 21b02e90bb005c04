/**
 * A program that watches a process, gives up its privileges as the agent does, and goes on to watch another one: it
 * prints, as JSON, the names of what it read at each time.
 *
 * Arguments: the cgroup; the numbers of two processes.
 *
 * @module
 */
import { keepNeededPrivileges } from "../../src/sidecar/privileges.ts";
import { targetOf, Watching } from "./harness.ts";

const [cgroup, first, second] = Deno.args as [string, string, string];

const targets = [first, second].map((pid) => targetOf(Number(pid), cgroup));
const watching = new Watching(targets[0]);
const before = watching.read();
keepNeededPrivileges();
const after = watching.read();
watching.target = targets[1];
const next = watching.read();
watching.monitor.detach();
watching.monitor.attach({});
const anew = watching.read();
console.log(JSON.stringify([before, after, next, anew].map((read) => [...read.keys()])));
