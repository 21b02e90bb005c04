/** A program that takes the terminal over, and then fails where nobody catches it: by an error or a rejection. @module */
import { Terminal } from "../../src/cli/terminal.ts";

const FAILURES: Readonly<Record<string, () => void>> = {
  error: () => {
    throw new Error("lost");
  },
  rejection: () => void Promise.reject(new Error("lost")),
};

using _terminal = new Terminal(() => {});
setTimeout(FAILURES[Deno.args[0]!]!, 0);
await new Promise(() => {});
