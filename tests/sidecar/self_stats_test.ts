/** `ktm run --self-stats` beside bpftool. */
import assert from "node:assert/strict";
import { startAgent } from "../support/agent.ts";
import { output } from "../support/child.ts";
import { heldBy } from "../support/kernel/bpf_objects.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";

interface Shown {
  readonly id: number;
  readonly name?: string;
  readonly run_cnt?: number;
  readonly run_time_ns?: number;
}

/** The iterator that looks for the target, which is no probe. */
const SEARCH = "find_processes";

/** How often an agent's programs have run and how long, as bpftool says. */
async function shownRuns(pid: number): Promise<{ count: number; seconds: number }> {
  const { stdout } = await output("bpftool", "--json", "prog", "show");
  const held = heldBy(pid).prog;
  const programs = (JSON.parse(stdout) as Shown[]).filter(({ id, name }) => held.has(id) && name !== SEARCH);
  const sum = (values: (number | undefined)[]) =>
    values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  return {
    count: sum(programs.map(({ run_cnt }) => run_cnt)),
    seconds: sum(programs.map(({ run_time_ns }) => run_time_ns)) / 1e9,
  };
}

function sumOf(text: string, name: string): number {
  return [...text.matchAll(new RegExp(`^${name}\\{module="\\w+",program="\\w+"\\} (\\S+)$`, "gm"))]
    .reduce((sum, [, value]) => sum + Number(value), 0);
}

Deno.test(
  needs([...LIVE_KERNEL, "bash", "bpftool"], "--self-stats reports the runs that bpftool shows", async () => {
    await using stage = new Stage();
    await using agent = await startAgent(["--comm-prefix", stage.prefix, "--self-stats"]);
    const reader = new Reader(stage, stage.prefix, stage.cgroup);
    await agent.child.said(/Watching the target mode=full/);
    await agent.child.said(/Gave up capabilities/);
    await reader.read(50);
    const before = await shownRuns(agent.child.pid);
    await agent.value("ktm_status");
    const { text } = await agent.get("/metrics");
    const after = await shownRuns(agent.child.pid);
    const [count, seconds] = [
      sumOf(text, "ktm_program_runs_total"),
      sumOf(text, "ktm_program_run_seconds_total"),
    ];
    assert.ok(before.count > 0 && before.seconds > 0);
    assert.ok(before.count <= count && count <= after.count, `${before.count}, ${count}, ${after.count}`);
    assert.ok(before.seconds <= seconds && seconds <= after.seconds, `${seconds} s`);
  }),
);

Deno.test(needs([...LIVE_KERNEL, "bash"], "Runs of programs are not reported unless asked for", async () => {
  await using stage = new Stage();
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  new Reader(stage, stage.prefix, stage.cgroup);
  await agent.child.said(/Watching the target mode=full/);
  await agent.value("ktm_status");
  assert.doesNotMatch((await agent.get("/metrics")).text, /ktm_program_run/);
}));
