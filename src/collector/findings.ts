/** What `ktm check` says of probes. Pure. @module */
import type { ProbeStatus } from "../programs/mod.ts";
import type { Finding } from "./module.ts";

/** How a probe is served, and why not in a better way. */
export function probeFinding({ probe, serving, failures }: ProbeStatus): Finding {
  const name = `probe ${probe}`;
  const earlier = failures.map(({ strategy, reason }) => `${strategy}: ${reason}`).join("; ");
  if (serving === undefined) return { name, level: "degraded", detail: `no strategy works: ${earlier}` };
  const quality = serving.exact ? "exact" : "not exact";
  const detail = `${serving.strategy}, ${quality}${earlier === "" ? "" : `; ${earlier}`}`;
  return { name, level: serving.exact && failures.length === 0 ? "ok" : "note", detail };
}
