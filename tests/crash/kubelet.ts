/** A pod whose container crun runs and, when it has died, makes again: another container of the same pod. @module */
import { UNIFIED } from "../deploy/container.ts";
import { makeRootFolder } from "../deploy/root_folder.ts";
import type { Child } from "../support/child.ts";
import type { Pod } from "../support/kernel/pod.ts";
import { wholeCgroupMount } from "../support/needs.ts";
import type { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { CgroupTree } from "./cgroup_tree.ts";
import type { Mortal } from "./mortal.ts";
import { commOf, innerPidOf, processesIn } from "./processes.ts";

/** As the kubelet's systemd driver names it. */
const POD = "kubepods-burstable-pod8f2c7d34_11aa_4c5e_9d0b_5a0c7fe19b11.slice";

/** Where the container sees the ledger's folder. */
const FOLDER = "/stage";

/** A container that runs. */
export interface RunningContainer {
  /** On this machine, and in its own PID namespace. */
  readonly pid: number;
  readonly innerPid: number;
  /** Its cgroup, as this machine sees it. */
  readonly cgroup: string;
}

/** Like those of containerd. */
function randomId(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toHex();
}

/** A pod; disposing it removes its cgroup, once its containers have ended. */
export class PodCgroup implements AsyncDisposable {
  readonly #stage: Stage;
  readonly #mortal: Mortal;
  readonly #namespace: Pod | undefined;
  readonly #tree: CgroupTree;
  readonly #directory: string;
  #running: Child | undefined;

  /**
   * Makes a pod with nothing in it.
   *
   * @param namespace what its containers share; each has its own PID namespace unless given
   */
  static async make(stage: Stage, mortal: Mortal, namespace?: Pod): Promise<PodCgroup> {
    const pod = new PodCgroup(stage, mortal, namespace);
    await makeRootFolder(pod.#root);
    await Deno.mkdir(`${pod.#root}${FOLDER}`);
    await Deno.copyFile(mortal.program, `${pod.#root}/${stage.prefix}`);
    return pod;
  }

  private constructor(stage: Stage, mortal: Mortal, namespace: Pod | undefined) {
    this.#stage = stage;
    this.#mortal = mortal;
    this.#namespace = namespace;
    this.#directory = `${stage.directory}/kubelet`;
    this.#tree = new CgroupTree(`${wholeCgroupMount()}/ktm-pod-${stage.prefix}`);
    for (const name of [POD, `${POD}/cri-containerd-sidecar.scope`]) {
      Deno.mkdirSync(`${this.#tree.path}/${name}`);
    }
  }

  get #root(): string {
    return `${this.#directory}/root`;
  }

  /** The cgroup of another container of the pod. */
  get sidecar(): string {
    return `${this.#tree.path}/${POD}/cri-containerd-sidecar.scope`;
  }

  /** `config.json` of a bundle. Source: the OCI runtime specification, 1.0.2. */
  #specification(cgroupsPath: string): unknown {
    const { ledger } = this.#mortal;
    const folder = ledger.path.slice(0, ledger.path.lastIndexOf("/"));
    const pid = { type: "pid", ...this.#namespace === undefined ? {} : { path: this.#namespace.path } };
    return {
      ociVersion: "1.0.2",
      process: {
        user: { uid: 0, gid: 0 },
        args: [`/${this.#stage.prefix}`, `${FOLDER}${ledger.path.slice(folder.length)}`],
        cwd: "/",
      },
      root: { path: this.#root, readonly: true },
      mounts: [
        { destination: "/proc", type: "proc", source: "proc" },
        { destination: FOLDER, type: "bind", source: folder, options: ["bind", "rw"] },
      ],
      linux: { cgroupsPath, namespaces: [{ type: "mount" }, { type: "cgroup" }, pid] },
    };
  }

  /** Starts the container, after the end of the one before: crun makes its cgroup, and removes it at its end. */
  async start(): Promise<RunningContainer> {
    await this.#running?.outcome();
    const id = randomId();
    const below = `${POD}/cri-containerd-${id}.scope`;
    const bundle = `${this.#directory}/${id}`;
    await Deno.mkdir(bundle);
    const specification = this.#specification(`/ktm-pod-${this.#stage.prefix}/${below}`);
    await Deno.writeTextFile(`${bundle}/config.json`, JSON.stringify(specification));
    const state = ["--root", `${this.#directory}/crun`, "--cgroup-manager=cgroupfs"];
    const [program, ...args] = [...UNIFIED, "crun", ...state, "run", "--bundle", bundle, id];
    this.#running = this.#stage.start(program!, args, this.#stage.cgroup);
    const cgroup = `${this.#tree.path}/${below}`;
    // Before it there are crun's own.
    const isProgram = (pid: number) => commOf(pid) === this.#stage.prefix;
    const pid = await until("process of the container", () => processesIn(cgroup).find(isProgram));
    await this.#mortal.ledger.untilBegun(pid);
    return { pid, innerPid: innerPidOf(pid), cgroup };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The end of crun is not that of its container, but the other way round.
    for (const { name, isDirectory } of Deno.readDirSync(`${this.#tree.path}/${POD}`)) {
      if (!isDirectory) continue;
      for (const pid of processesIn(`${this.#tree.path}/${POD}/${name}`)) Deno.kill(pid, "SIGKILL");
    }
    await this.#running?.outcome();
    await this.#tree[Symbol.asyncDispose]();
  }
}
