/** From arguments to an exit code. @module */
import { visible } from "../metrics/mod.ts";
import { ConfigError } from "../sidecar/config/error.ts";
import { endLog, log, writeErrorLine } from "../sidecar/log/log.ts";
import { messageOf } from "../syscall/mod.ts";
import { parseCommandLine, type Request } from "./arguments/parse.ts";
import { UsageError } from "./arguments/usage_error.ts";
import { print } from "./output.ts";

/** What the program tells its parent process. */
const ExitCode = {
  SUCCESS: 0,
  FAILURE: 1,
  USAGE: 2,
} as const;

async function printHelp(request: Request & { kind: "help" }): Promise<number> {
  const { commandHelp, programHelp } = await import("./help.ts");
  print(request.command === undefined ? programHelp() : commandHelp(request.command));
  return ExitCode.SUCCESS;
}

/** Tells people what went wrong, one line for each problem, and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof Deno.errors.BrokenPipe) return ExitCode.SUCCESS;
  const problems = error instanceof ConfigError ? error.problems : [messageOf(error)];
  for (const problem of problems) writeErrorLine(`ktm: ${visible(problem)}`);
  if (error instanceof ConfigError || error instanceof UsageError) return ExitCode.USAGE;
  if (error instanceof Error) log.debug("Where this error comes from", { stack: error.stack });
  return ExitCode.FAILURE;
}

/**
 * Runs the program.
 *
 * @param args without the program's own name
 * @returns the exit code; errors are reported on standard error, never thrown
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const request = parseCommandLine(args);
    if (request.kind === "help") return await printHelp(request);
    return await request.command.run(request.line);
  } catch (error) {
    return report(error);
  } finally {
    await endLog();
  }
}
