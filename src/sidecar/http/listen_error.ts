/** Why an address cannot be listened on, and what to do about it. @module */
import { messageOf } from "../../syscall/message_of.ts";
import { formatListen, type ListenAddress } from "../config/values/listen.ts";

const REASONS = [
  {
    kind: Deno.errors.AddrInUse,
    reason: "another process listens there: choose another port, or end that process",
  },
  {
    kind: Deno.errors.AddrNotAvailable,
    reason: "this machine does not have the address: choose one of those that ip address shows, or 0.0.0.0",
  },
  {
    kind: Deno.errors.NotCapable,
    reason: "Deno permits loopback and wildcard addresses: choose 127.0.0.1, 0.0.0.0, [::1] or [::]",
  },
  {
    kind: Deno.errors.PermissionDenied,
    reason: "a port below 1024 needs CAP_NET_BIND_SERVICE: choose a higher one",
  },
] as const;

/** The error to throw in place of the one with which listening failed. */
export function listenError(address: ListenAddress, cause: unknown): Error {
  const known = REASONS.find(({ kind }) => cause instanceof kind)?.reason;
  const reason = known ?? messageOf(cause);
  return new Error(`Cannot listen on ${formatListen(address)}: ${reason}`, { cause });
}
