/** The threads of a process, as `/proc` tells of them. @module */

/** The ids of the threads, the main thread's first. */
export function threadsOf(pid: number): number[] {
  const threads = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => Number(name));
  return threads.toSorted((a, b) => a - b);
}

/** A field of the status of a process or a thread, up to the first blank. */
export function statusField(pid: number, field: string, thread = pid): string {
  const status = Deno.readTextFileSync(`/proc/${pid}/task/${thread}/status`);
  return new RegExp(`^${field}:\\s*(\\S+)`, "m").exec(status)![1]!;
}

/** A field of the status of each thread, the main thread's first. */
export function ofThreads(pid: number, field: string): string[] {
  return threadsOf(pid).map((thread) => statusField(pid, field, thread));
}

/** Whether a signal is in a set of the status: `SigIgn` and `SigCgt` of the process, `SigBlk` of a thread. */
export function hasSignal(pid: number, field: string, signal: number, thread = pid): boolean {
  return (BigInt(`0x${statusField(pid, field, thread)}`) >> BigInt(signal - 1) & 1n) === 1n;
}

/** Source: `include/net/tcp_states.h`. */
const TCP_LISTEN = "0A";

/** The inodes of a process's sockets. */
function socketsOf(pid: number): Set<string> {
  const inodes = new Set<string>();
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(`/proc/${pid}/fd/${name}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch (error) {
      // Closed since it was listed.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return inodes;
}

/** The local ports, in hexadecimal, at which a process listens (`man 5 proc_pid_net`). */
export function listeningPorts(pid: number): string[] {
  const own = socketsOf(pid);
  return ["tcp", "tcp6"].flatMap((table) => {
    const lines = Deno.readTextFileSync(`/proc/${pid}/net/${table}`).trim().split("\n").slice(1);
    return lines.map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === TCP_LISTEN && own.has(inode!))
      .map(([, local]) => local!.split(":")[1]!);
  });
}
