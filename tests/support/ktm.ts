/** The real program as a child process, with its own permissions and no others. @module */
import manifest from "../../deno.json" with { type: "json" };
import { Child, type Outcome } from "./child.ts";

/** The checkout. */
export const ROOT = new URL("../../", import.meta.url);

/**
 * The command line that runs ktm from the checkout: that of the task, with its permissions.
 *
 * The tests in virtual machines name in KTM_BUNDLE the same program in one file, which starts sooner.
 */
export function ktmCommandLine(args: readonly string[]): string[] {
  const [, ...words] = manifest.tasks.ktm.command.split(" ");
  const program = Deno.env.get("KTM_BUNDLE") ?? words.at(-1)!;
  return [Deno.execPath(), ...words.slice(0, -1), program, ...args];
}

/**
 * Starts ktm.
 *
 * @param args command and options
 * @param wrapper a program with its arguments that starts the command line that follows it
 * @param root the checkout: this one unless given
 */
export function startKtm(
  args: readonly string[],
  wrapper: readonly string[] = [],
  root: string | URL = ROOT,
): Child {
  const [program, ...rest] = [...wrapper, ...ktmCommandLine(args)];
  return new Child(program!, { args: rest, cwd: root, env: { NO_COLOR: "1" } });
}

/** Runs ktm to its end. */
export async function ktm(args: readonly string[], wrapper: readonly string[] = []): Promise<Outcome> {
  await using child = startKtm(args, wrapper);
  return await child.outcome();
}

/** Runs what follows without a capability. Its user stays root, so that it may read the checkout. */
export const WITHOUT_CAPABILITIES = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] as const;

/** Runs what follows with the two capabilities that KTM needs. */
export const WITH_BPF_AND_PERFMON = [
  "setpriv",
  "--bounding-set=-all,+bpf,+perfmon",
  "--inh-caps=-all",
] as const;

/** Runs what follows in a mount namespace of its own, after a shell command has changed the mounts. */
export function withMounts(change: string): string[] {
  return ["unshare", "--mount", "--propagation", "private", "sh", "-c", `${change} && exec "$@"`, "sh"];
}
