/**
 * What a service manager that started this process is told: systemd with `Type=notify`, and whoever else speaks
 * its protocol (`man 3 sd_notify`).
 *
 * @module
 */
import { visible } from "../metrics/mod.ts";
import { DatagramSender, environmentVariable, monotonicMicroseconds } from "../syscall/mod.ts";
import { log } from "./log/log.ts";

/** Time between two looks at what there is to tell. */
const LOOK_MS = 1000;

/** What the environment says of the service manager. */
export interface ServiceEnvironment {
  readonly socket: string;
  /** How long this process may be silent; undefined if it may be for ever. */
  readonly watchdogMs: number | undefined;
}

/**
 * Reads the environment of a service.
 *
 * @param variable gives the value of a variable
 * @param pid of this process, because a watchdog may be meant for another one
 * @returns undefined if nobody wants to be told
 */
export function serviceEnvironment(
  variable: (name: string) => string | undefined,
  pid: number,
): ServiceEnvironment | undefined {
  const socket = variable("NOTIFY_SOCKET");
  if (socket === undefined || socket === "") return undefined;
  const microseconds = Number(variable("WATCHDOG_USEC"));
  const isMeant = [undefined, String(pid)].includes(variable("WATCHDOG_PID"));
  return { socket, watchdogMs: isMeant && microseconds > 0 ? microseconds / 1000 : undefined };
}

/** Tells the service manager how this process fares; without one it does nothing. */
export class ServiceManager implements Disposable {
  readonly #status: () => string;
  readonly #watchdogMs: number | undefined;
  #sender: DatagramSender | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #told: string | undefined;
  /** What fails again and again is said once. */
  #isHeard = true;

  /**
   * @param status one line for people, looked at once a second
   * @param environment what is known of the service manager
   */
  constructor(
    status: () => string,
    environment: ServiceEnvironment | undefined = serviceEnvironment(environmentVariable, Deno.pid),
  ) {
    this.#status = status;
    this.#watchdogMs = environment?.watchdogMs;
    if (environment !== undefined) this.#sender = new DatagramSender(environment.socket);
  }

  /** The service does its work. From now on the watchdog is told so, too. */
  ready(): void {
    this.#tell(["READY=1", ...this.#newStatus()]);
    if (this.#sender === undefined || this.#timer !== undefined) return;
    const periodMs = Math.min(LOOK_MS, (this.#watchdogMs ?? Infinity) / 2);
    this.#timer = setInterval(() => this.#look(), periodMs);
  }

  /** The service reads its configuration; {@linkcode ready} says when it has. */
  reloading(): void {
    this.#tell(["RELOADING=1", `MONOTONIC_USEC=${monotonicMicroseconds()}`]);
  }

  /** The service ends. */
  stopping(): void {
    this.#tell(["STOPPING=1"]);
  }

  #look(): void {
    const watchdog = this.#watchdogMs === undefined ? [] : ["WATCHDOG=1"];
    this.#tell([...watchdog, ...this.#newStatus()]);
  }

  /** The status, if it is another one than before. */
  #newStatus(): string[] {
    const status = visible(this.#status());
    if (status === this.#told) return [];
    this.#told = status;
    return [`STATUS=${status}`];
  }

  #tell(lines: readonly string[]): void {
    if (this.#sender === undefined || lines.length === 0) return;
    try {
      this.#sender.send(lines.join("\n"));
      this.#isHeard = true;
    } catch (error) {
      if (this.#isHeard) {
        log.warn("sd_notify failed; systemd misses the state and the watchdog signal", {
          lines: lines.join(" "),
          error,
        });
      }
      this.#isHeard = false;
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#sender?.[Symbol.dispose]();
    this.#sender = undefined;
  }
}
