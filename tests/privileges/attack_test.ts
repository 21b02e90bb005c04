/**
 * A process that may not, against each command that watches: no signal opens a port, and none that an unprivileged
 * user may send does anything.
 */
// Runs beside others.
import assert from "node:assert/strict";
import { bundle, bundled } from "../support/bundle.ts";
import { Child, output } from "../support/child.ts";
import { valueOf } from "../support/exposition.ts";
import { ktmCommandLine } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";
import { hasSignal, listeningPorts, threadsOf } from "./threads.ts";

const NEEDS = [...LIVE_KERNEL, "bash", "script", "setpriv", "setsid"] as const;

const SIGUSR1 = 10;
/** The runtime would install its handler half a second after its start. */
const RUNTIME_GRACE_MS = 500;

/** Sends signals to threads, and says how many the kernel took: signals, and then the threads' ids. */
const SENDER = `
taken=0
for thread in "$@"; do
  for signal in $0; do
    kill -s "$signal" "$thread" 2>/dev/null && taken=$((taken + 1))
  done
done
echo "$taken"
`;

const EVERY_SIGNAL = Array.from({ length: 64 }, (_, index) => index + 1).join(" ");

/** `nobody`, without any right, in another session: within one every process may send SIGCONT (`man 2 kill`). */
const AS_NOBODY = [
  "setsid",
  "--wait",
  "setpriv",
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
  "--bounding-set=-all",
  "--inh-caps=-all",
] as const;

/** How many signals the kernel took. */
async function send(pid: number, signals: string, wrapper: readonly string[] = []): Promise<number> {
  const [program, ...args] = [...wrapper, "bash", "-c", SENDER, signals, ...threadsOf(pid).map(String)];
  const { code, stdout, stderr } = await output(program!, ...args);
  assert.equal(code, 0, stderr);
  return Number(stdout);
}

/** A way to start the program. */
interface Form {
  readonly name: string;
  readonly commandLine: (args: readonly string[]) => Promise<string[]>;
}

let made: Promise<string> | undefined;
const directory = await temporaryDirectory();
addEventListener("unload", () => Deno.removeSync(directory.path, { recursive: true }));

const FORMS: readonly Form[] = [
  { name: "from source", commandLine: (args) => Promise.resolve(ktmCommandLine(args)) },
  {
    name: "as a bundle",
    commandLine: async (args) => {
      made ??= bundle(directory.path);
      return [Deno.execPath(), ...bundled(await made, ...args)];
    },
  },
];

/** A command that watches, and how to see that it went on to the end. */
interface Watching {
  readonly args: readonly string[];
  /** Ends it in order; undefined where it ends by itself. */
  readonly end?: Deno.Signal;
  readonly stdout: RegExp;
  /** Whether it wants a terminal. */
  readonly terminal?: boolean;
  /** Whether it watches a process that it starts. */
  readonly own?: boolean;
  /** Whether it has an HTTP server. */
  readonly serves?: boolean;
}

const COMMANDS: readonly Watching[] = [
  {
    args: ["run", "--interval", "100ms", "--listen", "127.0.0.1:0"],
    end: "SIGTERM",
    stdout: /^$/,
    serves: true,
  },
  { args: ["top", "--interval", "100ms"], end: "SIGTERM", stdout: /\n/ },
  { args: ["top", "--interval", "100ms"], end: "SIGTERM", stdout: /ktm/, terminal: true },
  {
    args: ["snapshot", "--duration", "60s"],
    end: "SIGINT",
    stdout: /^ktm_sys_read_latency_seconds_count [1-9]/m,
  },
  { args: ["explain", "--duration", "60s"], end: "SIGINT", stdout: /\w/ },
  { args: ["demo", "--duration", "4s"], stdout: /^All \d+ counts agree\.$/m, own: true },
];

/** The process of the program, which may be a child of a terminal's. */
async function programOf(child: Child, isOnTerminal: boolean): Promise<number> {
  if (!isOnTerminal) return child.pid;
  // script, the shell that it starts, which becomes the program
  return await until("child of script", () => childrenOf(child.pid)[0]!);
}

/** The processes that the main thread has started. */
function childrenOf(pid: number): number[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

/** Waits until the process has no more right than it needs, and is as old as the runtime's handler would be. */
async function atWork(pid: number): Promise<void> {
  const begin = performance.now();
  await until(
    "drop of privileges",
    () => /^Seccomp:\t2$/m.test(Deno.readTextFileSync(`/proc/${pid}/status`)),
  );
  await until("age", () => performance.now() - begin > 2 * RUNTIME_GRACE_MS);
}

/** Waits for two more collections. */
async function collectionsGoOn(address: string): Promise<void> {
  const collections = async () =>
    valueOf(await (await fetch(`${address}/metrics`)).text(), "ktm_collections_total") ?? 0;
  const before = await collections();
  await until("collections", async () => await collections() >= before + 2);
}

for (const form of FORMS) {
  for (const { args, end, stdout, terminal = false, own = false, serves = false } of COMMANDS) {
    const name = `${args[0]}${terminal ? " on a terminal" : ""} ${form.name}`;
    Deno.test(needs(NEEDS, `${name} opens no port and goes on, whatever signal is sent`, async () => {
      await using stage = new Stage();
      if (!own) {
        stage.start(stage.copy("/bin/dd", stage.prefix), ["if=/dev/zero", "of=/dev/null"], stage.cgroup);
      }
      const watching = own ? args : [...args, "--comm-prefix", stage.prefix];
      const [program, ...rest] = await form.commandLine(watching);
      const line = [program, ...rest].map((word) => `'${word}'`).join(" ");
      const child = terminal
        ? new Child("script", { args: ["--quiet", "--command", `exec ${line}`, "/dev/null"] })
        : new Child(program!, { args: rest });
      await using _child = child;
      const pid = await programOf(child, terminal);
      const address = serves ? (await child.said(/Listening address=(\S+)/))[1]! : undefined;
      await atWork(pid);
      const ports = listeningPorts(pid);
      assert.equal(ports.length, serves ? 1 : 0);

      assert.equal(await send(pid, EVERY_SIGNAL, AS_NOBODY), 0, "signals that nobody may send");
      assert.equal(await send(pid, String(SIGUSR1)), threadsOf(pid).length, "signals that root may send");
      assert.ok(hasSignal(pid, "SigIgn", SIGUSR1));
      assert.equal(hasSignal(pid, "SigCgt", SIGUSR1), false);
      assert.deepEqual(listeningPorts(pid), ports);
      if (own) {
        assert.deepEqual(childrenOf(pid).map((workload) => hasSignal(workload, "SigIgn", SIGUSR1)), [true]);
      }

      if (address !== undefined) await collectionsGoOn(address);
      if (end !== undefined) Deno.kill(pid, end);
      const outcome = await child.outcome();
      assert.equal(outcome.code, 0, outcome.stderr);
      assert.match(outcome.stdout, stdout);
    }));
  }
}

/** How long after its start the program gets a signal: from before its first instruction to long after. */
const DELAYS_MS = Array.from({ length: 16 }, (_, index) => index * 10);

Deno.test(needs(NEEDS, "run opens no port for SIGUSR1 from the moment its process is there", async () => {
  await using stage = new Stage();
  const [program, ...args] = await FORMS[1]!.commandLine(["run", "--comm-prefix", stage.prefix]);
  let survivors = 0;
  for (const delayMs of DELAYS_MS) {
    await using child = new Child(program!, { args });
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    Deno.kill(child.pid, "SIGUSR1");
    // It ends by the signal until it can ignore it.
    const isAlive = await child.said(/Gave up capabilities/).then(() => true, () => false);
    if (!isAlive) continue;
    survivors++;
    assert.ok(hasSignal(child.pid, "SigIgn", SIGUSR1));
    assert.deepEqual(listeningPorts(child.pid), []);
  }
  assert.ok(survivors > 0);
}));

/** Is loaded before the program, and takes until a file is there. */
const SLOW = `
for (;;) {
  try {
    Deno.statSync(Deno.env.get("KTM_TEST_GO"));
    break;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
`;

Deno.test(
  needs(NEEDS, "run that is slow to load starts again, and is then out of reach of SIGUSR1", async () => {
    await using stage = new Stage();
    const [program, run, ...args] = await FORMS[1]!.commandLine(["run", "--comm-prefix", stage.prefix]);
    const [slow, go] = [`${stage.directory}/slow.js`, `${stage.directory}/go`];
    await Deno.writeTextFile(slow, SLOW);
    const slowly = ["--preload", slow, `--allow-read=${go}`, "--allow-env=KTM_TEST_GO"];
    await using child = new Child(program!, { args: [run!, ...slowly, ...args], env: { KTM_TEST_GO: go } });
    await until("handler of the runtime", () => hasSignal(child.pid, "SigCgt", SIGUSR1));
    Deno.kill(child.pid, "SIGUSR1");
    await until("port of the runtime", () => listeningPorts(child.pid).length > 0);
    await Deno.writeTextFile(go, "");
    await child.said(/Gave up capabilities/);
    assert.deepEqual(listeningPorts(child.pid), []);
    for (
      const blocked of threadsOf(child.pid).map((thread) => hasSignal(child.pid, "SigBlk", SIGUSR1, thread))
    ) {
      assert.ok(blocked);
    }
    assert.ok(await send(child.pid, String(SIGUSR1)) > 0);
    assert.deepEqual(listeningPorts(child.pid), []);
  }),
);
