/** What is left of a storage benchmark's speed. @module */
import { run } from "../loader/programs.ts";

/** Reads of 4 KiB at random places of a file that is in the page cache. */
export interface FioJob {
  /** The program, perhaps under another name. */
  readonly program: string;
  readonly file: string;
  readonly cpu: number;
  /** The cgroup that it runs in. */
  readonly cgroup: string;
}

/** Runs fio for a second and gives its reads a second. */
export async function randomReads({ program, file, cpu, cgroup }: FioJob): Promise<number> {
  const job = [
    "--name=cached",
    `--filename=${file}`,
    "--rw=randread",
    "--bs=4k",
    "--ioengine=psync",
    "--invalidate=0",
    "--time_based",
    "--runtime=1",
    `--cpus_allowed=${cpu}`,
    "--output-format=json",
  ];
  const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  const output = await run("sh", ["-c", enter, cgroup, program, ...job]);
  return JSON.parse(output.slice(output.indexOf("{"))).jobs[0].read.iops;
}
