/** fio under the target's name. @module */
import type { Child } from "../child.ts";
import { PROGRAMS, type Stage } from "../stage.ts";

/**
 * Starts two threads of fio, one that reads a file in order by read(2) and one that reads another at random by
 * pread64(2), with fadvise and some reads from the disk.
 *
 * @param stage whose name, cgroup and directory they have
 * @param pace fio's options for how fast they are
 */
export function startFioReaders(stage: Stage, pace: readonly string[]): Child {
  const common = ["--size=16m", "--bs=4k", "--time_based", "--runtime=10m", "--thread", ...pace];
  const job = (name: string, engine: string, rw: string) => [
    `--name=${name}`,
    `--filename=${stage.directory}/${name}`,
    `--ioengine=${engine}`,
    `--rw=${rw}`,
    ...common,
  ];
  const fio = stage.copy(PROGRAMS.fio, stage.prefix);
  const args = [...job("scan", "sync", "read"), ...job("look", "psync", "randread")];
  return stage.start(fio, args, stage.cgroup, { cwd: stage.directory });
}
