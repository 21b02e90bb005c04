/** `ktm top`: a live view. @module */
import { figuresOf, MODULES } from "../../collector/mod.ts";
import type { Figure } from "../../metrics/mod.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createHost, type Host } from "../../sidecar/host.ts";
import type { LogEntry } from "../../sidecar/log/format.ts";
import { divertLog } from "../../sidecar/log/log.ts";
import {
  activityBetween,
  NO_HISTORY,
  type Note,
  paint,
  renderPlain,
  renderScreen,
  type Snapshot,
  type View,
  withTick,
} from "../../top/mod.ts";
import { attachSettings } from "../arguments/attach_settings.ts";
import type { CommandContext } from "../command.ts";
import { LiveOutput } from "../output.ts";
import { Terminal } from "../terminal.ts";
import { untilSignal } from "../until_signal.ts";

/** More than the highest screen has rows for. */
const NOTES_KEPT = 100;

function noteOf({ time, level, message, properties }: LogEntry): Note {
  const reason = properties["how"] ?? properties["reason"] ?? properties["error"];
  const why = reason instanceof Error ? reason.message : reason;
  return {
    time,
    isBad: level === "warn" || level === "error",
    text: why === undefined ? message : `${message}: ${why}`,
  };
}

function shownOf(module: string): readonly Figure[] {
  return MODULES.filter(({ name }) => name === module).flatMap(figuresOf);
}

/** Collects every interval and hands over what there is to show, until the signal is aborted. */
async function watch(
  host: Host,
  intervalMs: number,
  notes: readonly Note[],
  show: (view: View) => void,
  signal: AbortSignal,
): Promise<void> {
  const begin = systemClock.monotonic();
  let history = NO_HISTORY;
  let before: Snapshot | undefined;
  for (let tick = 0; !signal.aborted;) {
    await host.collector.collectNow();
    const snapshot: Snapshot = { atMs: systemClock.monotonic(), sets: host.latest() };
    const activity = activityBetween(before, snapshot);
    if (before !== undefined) history = withTick(history, activity, intervalMs);
    const { lives } = host.recorder;
    const time = new Date();
    const { target, ...others } = host.health();
    const modules = Object.entries(others).map(([name, health]) => ({
      name,
      ...health,
      figures: shownOf(name),
    }));
    show({ snapshot, before, activity, history, intervalMs, time, modules, lives, ...target!, notes });
    before = snapshot;
    tick = Math.max(tick + 1, Math.ceil((systemClock.monotonic() - begin) / intervalMs));
    await systemClock.wait(begin + tick * intervalMs, signal);
  }
}

/** Shows the view on the terminal; what the log says becomes a part of it. */
async function watchOnTerminal(host: Host, intervalMs: number, signal: AbortSignal): Promise<number> {
  const notes: Note[] = [];
  using _diverted = divertLog((entry) => {
    notes.push(noteOf(entry));
    notes.splice(0, notes.length - NOTES_KEPT);
  });
  await startWatching(host);
  let shown: View | undefined;
  const draw = () => {
    if (shown === undefined) return;
    terminal.draw(renderScreen(shown, terminal.size).map((line) => paint(line, !Deno.noColor)));
  };
  using terminal = new Terminal(draw);
  const show = (view: View) => {
    shown = view;
    draw();
  };
  await watch(host, intervalMs, notes, show, AbortSignal.any([signal, terminal.signal]));
  return terminal.exitCode;
}

/** Prints a line every interval. */
async function watchInLines(host: Host, intervalMs: number, signal: AbortSignal): Promise<number> {
  const output = new LiveOutput();
  await startWatching(host);
  await watch(host, intervalMs, [], (view) => output.write(`${renderPlain(view)}\n`), signal);
  return 0;
}

async function startWatching(host: Host): Promise<void> {
  await host.collector.start();
  const disabled = Object.values(host.health()).find(({ state }) => state === "disabled");
  if (disabled !== undefined) throw new Error(`Cannot show the target: ${disabled.reason}`);
}

/** Shows what the target does until `q`, SIGINT or SIGTERM. */
export async function run({ config, flags }: CommandContext): Promise<number> {
  const host = createHost(config, attachSettings(flags));
  const show = Deno.stdout.isTerminal() ? watchOnTerminal : watchInLines;
  using guard = untilSignal();
  try {
    return await show(host, flags.duration("interval"), guard.signal);
  } finally {
    await host.collector.stop();
  }
}
