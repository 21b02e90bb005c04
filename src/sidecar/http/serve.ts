/** What is served over HTTP, if anything is. @module */
import { formatExplanation } from "../../diagnosis/mod.ts";
import {
  formatOpenMetrics,
  formatPrometheus,
  OPENMETRICS_CONTENT_TYPE,
  PROMETHEUS_CONTENT_TYPE,
} from "../../exporter/mod.ts";
import { visibleJson } from "../../metrics/mod.ts";
import { limitConnections, machineName } from "../../syscall/mod.ts";
import { formatListen, type ListenAddress } from "../config/values/listen.ts";
import type { Host } from "../host.ts";
import { answerLog, log } from "../log/log.ts";
import { negotiate, parseMediaType } from "./accept.ts";
import { type HttpAnswer, jsonAnswer, textAnswer } from "./answer.ts";
import type { RequestHead } from "./head.ts";
import { isForUs, isFromOtherSite, isLoopback } from "./host.ts";
import { connectionLimit, HTTP_LIMITS, RECEIVE_BUFFER_BYTES, SEND_BUFFER_BYTES } from "./limits.ts";
import { listenError } from "./listen_error.ts";
import { recorderAnswer } from "./recorder_answer.ts";
import { HttpServer } from "./server.ts";

/** What is looked at of a request. */
export type Question = Pick<RequestHead, "method" | "path" | "query" | "headers">;

/** A form of an answer: its media type, and how to make it. */
type Form<T> = readonly [type: string, format: (value: T) => string];

/** The answer in the form that a client wants most; in the first one if it does not mind. */
function inWantedForm<T>(value: T, { headers }: Question, forms: readonly Form<T>[]): HttpAnswer {
  const offers = forms.map(([type]) => parseMediaType(type));
  const [type, format] = forms[negotiate(headers["accept"], offers)]!;
  return textAnswer(format(value), { fields: { "content-type": type, vary: "accept" } });
}

const METRICS_FORMS: readonly Form<Parameters<typeof formatPrometheus>[0]>[] = [
  [PROMETHEUS_CONTENT_TYPE, formatPrometheus],
  [OPENMETRICS_CONTENT_TYPE, formatOpenMetrics],
];

/** For programs, or for people. */
const EXPLAIN_FORMS: readonly Form<Parameters<typeof formatExplanation>[0]>[] = [
  ["application/json", (explanation) => visibleJson(JSON.stringify(explanation))],
  ["text/plain; charset=utf-8", (explanation) => formatExplanation(explanation)],
];

/** Ready, too, is a module that disabled itself with a reason: the sidecar goes on without it. */
function ready(host: Host): HttpAnswer {
  const health = host.health();
  const isReady = Object.values(health).every(({ state }) => state !== "waiting" && state !== "ended");
  return jsonAnswer(health, { status: isReady ? 200 : 503 });
}

/** What goes on. */
function explain({ incidents }: Host, question: Question): HttpAnswer {
  return incidents === undefined ? NOT_WATCHED : inWantedForm(incidents.explain(), question, EXPLAIN_FORMS);
}

/** The window of an incident, by the number at the end of the path. */
function incidentWindow({ incidents }: Host, { path }: Question): HttpAnswer {
  const body = incidents?.window(Number(path.split("/").at(-1)));
  if (body === undefined) return textAnswer("Not found; /incidents lists what is kept\n", { status: 404 });
  return { status: 200, fields: { "content-type": "application/json" }, body };
}

const NOT_WATCHED = textAnswer("Not found; incident detection is off\n", { status: 404 });

const NOT_ALLOWED = textAnswer("Only GET and HEAD are allowed\n", {
  status: 405,
  fields: { allow: "GET, HEAD" },
});

const MISDIRECTED = textAnswer(
  "The Host header names no host of this agent: use localhost or an address, or add the name to " +
    "exporter.allowed_hosts\n",
  { status: 421 },
);

const FOREIGN = textAnswer("Pages of other sites are not answered\n", { status: 403 });

const ROUTES: Readonly<Record<string, (host: Host, question: Question) => HttpAnswer>> = {
  "/metrics": (host, question) => inWantedForm(host.latest(), question, METRICS_FORMS),
  "/healthz": () => textAnswer("ok\n"),
  "/readyz": ready,
  "/recorder": ({ recorder }, { query }) => recorderAnswer(recorder, new URLSearchParams(query)),
  "/explain": explain,
  "/incidents": ({ incidents }) => incidents ? jsonAnswer(incidents.list()) : NOT_WATCHED,
  "/incidents/N": incidentWindow,
};

/** The path with `N` in the place of an incident's number. */
function routeOf({ path }: Question): string {
  return path.replace(/^(\/incidents\/)\d{1,9}$/, "$1N");
}

/** The answer to one request. */
export function respond(host: Host, question: Question): HttpAnswer {
  const name = routeOf(question);
  const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  if (route === undefined && question.path !== "*") {
    return textAnswer(`Not found; there are ${Object.keys(ROUTES).join(", ")}\n`, { status: 404 });
  }
  const isRead = question.method === "GET" || question.method === "HEAD";
  return isRead && route !== undefined ? route(host, question) : NOT_ALLOWED;
}

/** Why a request is refused before its path is looked at; undefined if it gets one. */
export function objectionTo(
  { host, headers }: Pick<RequestHead, "host" | "headers">,
  peer: string,
  allowedHosts: readonly string[],
): HttpAnswer | undefined {
  if (!isForUs(host, peer, [machineName().toLowerCase(), ...allowedHosts])) return MISDIRECTED;
  return isFromOtherSite(headers) ? FOREIGN : undefined;
}

/**
 * Serves metrics and health until the result is closed.
 *
 * @param host what to tell of
 * @param address where to listen
 * @param allowedHosts names that `Host` may have, at the moment
 * @throws {Error} if the address cannot be listened on
 */
export function serve(host: Host, address: ListenAddress, allowedHosts: () => readonly string[]): HttpServer {
  const server = listen(host, address, allowedHosts);
  const { hostname, port } = server.address;
  const { stallMs } = HTTP_LIMITS;
  const isLimited = limitConnections(port, {
    sendBytes: SEND_BUFFER_BYTES,
    receiveBytes: RECEIVE_BUFFER_BYTES,
    userTimeoutMs: stallMs,
  });
  const url = `http://${formatListen(server.address)}`;
  // At the start, or when an operator has changed the address.
  answerLog.info("Listening", { address: url });
  if (!isLimited) {
    log.warn(
      "Socket buffers not limited: each client that does not read takes up to 4 MiB; raise the memory limit",
    );
  }
  if (!isLoopback(hostname)) {
    log.warn(
      "Listening beyond loopback: every host that reaches this address can read metrics and history; " +
        "restrict access with a firewall or a network policy, or listen on 127.0.0.1",
      { address: url },
    );
  }
  return server;
}

function listen(host: Host, address: ListenAddress, allowedHosts: () => readonly string[]): HttpServer {
  try {
    return new HttpServer(address, {
      respond: (head, peer) => objectionTo(head, peer, allowedHosts()) ?? respond(host, head),
      onError: (cause) => log.error("A request failed", { error: cause }),
      onDeaf: (cause) =>
        log.warn(
          "Cannot accept a connection: idle ones are closed to make room; raise the limit on descriptors",
          {
            error: cause,
          },
        ),
    }, { ...HTTP_LIMITS, connections: connectionLimit() });
  } catch (cause) {
    throw listenError(address, cause);
  }
}
