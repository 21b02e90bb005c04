/** What is served over HTTP, if anything is. @module */
import { formatExplanation } from "../diagnosis/mod.ts";
import {
  formatOpenMetrics,
  formatPrometheus,
  OPENMETRICS_CONTENT_TYPE,
  PROMETHEUS_CONTENT_TYPE,
} from "../exporter/mod.ts";
import type { ListenAddress } from "./config.ts";
import type { Host } from "./host.ts";
import { HttpServer } from "./http_server.ts";
import { listenError } from "./listen_error.ts";
import { log } from "./log.ts";
import { recorderAnswer } from "./recorder_answer.ts";

/** What is looked at of a request. */
export type Question = Pick<Request, "method" | "url" | "headers">;

function metrics(host: Host, request: Question): Response {
  const isOpen = request.headers.get("accept")?.includes("application/openmetrics-text") ?? false;
  const body = isOpen ? formatOpenMetrics(host.latest()) : formatPrometheus(host.latest());
  const type = isOpen ? OPENMETRICS_CONTENT_TYPE : PROMETHEUS_CONTENT_TYPE;
  return new Response(body, { headers: { "content-type": type } });
}

/** Ready, too, is a module that disabled itself with a reason: the sidecar goes on without it. */
function ready(host: Host): Response {
  const health = host.health();
  const isReady = Object.values(health).every(({ state }) => state !== "waiting" && state !== "ended");
  return Response.json(health, { status: isReady ? 200 : 503 });
}

/** What goes on: for people if they ask for text, or else as JSON. */
function explain({ incidents }: Host, { headers }: Question): Response {
  if (incidents === undefined) return NOT_WATCHED();
  const explanation = incidents.explain();
  const accepted = headers.get("accept") ?? "";
  const isText = accepted.includes("text/plain") && !accepted.includes("application/json");
  return isText ? new Response(formatExplanation(explanation)) : Response.json(explanation);
}

/** The window of an incident, by the number at the end of the path. */
function incidentWindow({ incidents }: Host, { url }: Question): Response {
  const window = incidents?.window(Number(new URL(url).pathname.split("/").at(-1)));
  if (window === undefined) {
    return new Response("Not found; /incidents lists what is kept\n", { status: 404 });
  }
  return new Response(window, { headers: { "content-type": "application/json" } });
}

const NOT_WATCHED = () => new Response("Nobody looks for incidents\n", { status: 404 });

const ROUTES: Readonly<Record<string, (host: Host, request: Question) => Response>> = {
  "/metrics": metrics,
  "/healthz": () => new Response("ok\n"),
  "/readyz": ready,
  "/recorder": ({ recorder }, { url }) => recorderAnswer(recorder, new URL(url).searchParams),
  "/explain": explain,
  "/incidents": ({ incidents }) => incidents ? Response.json(incidents.list()) : NOT_WATCHED(),
  "/incidents/N": incidentWindow,
};

/** The path with `N` in the place of an incident's number. */
function pathOf({ url }: Question): string {
  return new URL(url).pathname.replace(/^(\/incidents\/)\d{1,9}$/, "$1N");
}

/** The answer to one request. */
export function respond(host: Host, request: Question): Response {
  const path = pathOf(request);
  const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (route === undefined) {
    return new Response(`Not found; there are ${Object.keys(ROUTES).join(", ")}\n`, { status: 404 });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Only GET is allowed\n", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  return route(host, request);
}

/**
 * Serves metrics and health until the result is closed.
 *
 * @param host what to tell of
 * @param address where to listen
 * @throws {Error} if the address cannot be listened on
 */
export function serve(host: Host, address: ListenAddress): HttpServer {
  const server = listen(host, address);
  const { hostname, port } = server.address;
  log.info("Listening", { address: `http://${hostname}:${port}` });
  return server;
}

function listen(host: Host, address: ListenAddress): HttpServer {
  try {
    return new HttpServer(address, {
      respond: ({ method, target, headers }) =>
        respond(host, { method, url: `http://localhost${target}`, headers: new Headers(headers) }),
      onError: (error) => log.error("A request failed", { error }),
    });
  } catch (error) {
    throw listenError(address, error);
  }
}
