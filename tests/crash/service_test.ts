/** The agent as the unit that it comes with, sandbox and all, on a machine whose database is another unit. */
// Runs beside others.
import { Agent } from "../support/agent.ts";
import { ROOT } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { bundle, bundleFlags } from "./bundle.ts";
import { DEATHS } from "./deaths.ts";
import { STAGE_FOLDER } from "./machine.ts";
import { assertKept, observeDeath } from "./post_mortem.ts";
import { innerPidOf } from "./processes.ts";
import { Recording, signOf, untilWatched } from "./recording.ts";
import { Unit } from "./unit.ts";

const SERVICE = "ktm.service";

/** Where the machine has the two files that a package would install as one. */
const [DENO, BUNDLE] = ["/opt/deno", "/opt/ktm.js"];

/** How the unit starts the program here, and where its log can be read. */
function dropIn(): string {
  const words = [DENO, ...bundleFlags(), BUNDLE, "run", "--config", "/etc/ktm/ktm.yaml"];
  return [
    "[Service]",
    "ExecStart=",
    `ExecStart=${words.join(" ")}`,
    `StandardError=append:${STAGE_FOLDER}/agent.log`,
    "",
  ].join("\n");
}

/** A service manager inside of a container may load programs only if it is allowed to. */
const ALLOWED = ["--capability=CAP_BPF,CAP_PERFMON", "--system-call-filter=bpf perf_event_open @pkey"];

Deno.test(needs(
  [...LIVE_KERNEL, "cc", "systemd-nspawn", "nsenter"],
  "the agent as a sandboxed unit keeps the history of a unit that dies and is started again",
  async () => {
    await using stage = new Stage();
    await bundle(`${stage.directory}/ktm.js`);
    const config = `collector: {interval: 100ms, ebpf: {comm_prefix: ${stage.prefix}}}\n` +
      'exporter: {listen: "127.0.0.1:0"}\n';
    await using unit = await Unit.make(stage, "always", {
      units: {
        [SERVICE]: await Deno.readTextFile(new URL(`deploy/systemd/${SERVICE}`, ROOT)),
        [`${SERVICE}.d/test.conf`]: dropIn(),
      },
      files: { "etc/ktm/ktm.yaml": config },
      options: [
        `--bind-ro=${await Deno.realPath(Deno.execPath())}:${DENO}`,
        `--bind-ro=${stage.directory}/ktm.js:${BUNDLE}`,
        ...ALLOWED,
      ],
    });
    const { machine, mortal: { ledger } } = unit;
    await machine.systemctl("start", SERVICE);
    const log = stage.start(
      "sh",
      ["-c", 'exec tail -F "$0" >&2', `${stage.directory}/agent.log`],
      stage.cgroup,
    );
    const [, address] = await log.said(/Listening address=(\S+)/);
    const agent = new Agent(log, address!);
    const recording = new Recording(agent);
    let pid = await unit.next();
    for (const death of [DEATHS.kill, DEATHS.oom]) {
      const sign = signOf(innerPidOf(pid));
      const [seen] = await observeDeath([{ recording, sign }], { pid, ledger }, death, async () => {
        pid = await unit.next();
        await untilWatched(agent, signOf(innerPidOf(pid)));
      });
      await assertKept(seen!);
    }
  },
));
