/** The Kubernetes files: put together by kubectl, judged by the types of the Kubernetes API. */
import assert from "node:assert/strict";
import { parse } from "@std/yaml";
import { recorderFileBytes } from "../../src/recorder/file/mod.ts";
import { configFrom } from "../../src/sidecar/config/config.ts";
import { parseFile } from "../../src/sidecar/config/file.ts";
import { parseBytes } from "../../src/sidecar/config/values/bytes.ts";
import { Child, output } from "../support/child.ts";
import { ROOT } from "../support/ktm.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";

const BASE = new URL("deploy/kubernetes/", ROOT).pathname;

/** Definitions that are generated from the API's own OpenAPI document; unknown keys are errors. */
const TYPES = "npm:kubernetes-types@1.30.0";

/** Where the type of a kind is, by `apiVersion`. */
const MODULES: Readonly<Record<string, string>> = { "v1": "core/v1.d.ts", "apps/v1": "apps/v1.d.ts" };

/** What a test reads of an object. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly shareProcessNamespace?: boolean;
  readonly containers: readonly {
    readonly name: string;
    readonly args: readonly string[];
    readonly securityContext: unknown;
    readonly resources: { readonly limits: { readonly memory: string } };
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly {
    readonly name: string;
    readonly configMap?: { readonly name: string };
    readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string };
  }[];
}

/** The objects as `kubectl apply -k` would send them. */
async function assembled(): Promise<Manifest[]> {
  const { code, stdout, stderr } = await output("kubectl", "kustomize", BASE);
  assert.equal(code, 0, stderr);
  return stdout.split(/^---$/m).map((text) => parse(text) as Manifest);
}

/** What the type checker says of an object; nothing if it is a valid one. */
async function complaint(manifest: Manifest): Promise<string> {
  await using directory = await temporaryDirectory();
  const file = directory.file("manifest.ts");
  const { apiVersion, kind } = manifest;
  const lines = [
    `import type { ${kind} } from "${TYPES}/${MODULES[apiVersion]}";`,
    `export const manifest: ${kind} = ${JSON.stringify(manifest)};`,
  ];
  await Deno.writeTextFile(file, lines.join("\n"));
  const args = ["check", "--quiet", "--no-config", "--no-lock", file];
  await using child = new Child(Deno.execPath(), { args, env: { NO_COLOR: "1" } });
  const { code, stderr } = await child.outcome();
  return code === 0 ? "" : stderr;
}

Deno.test(needs(["kubectl"], "the Kubernetes API knows every key of the objects, and its type", async () => {
  const manifests = await assembled();
  assert.deepEqual(manifests.map(({ kind }) => kind).sort(), ["ConfigMap", "Deployment", "Namespace"]);
  for (const manifest of manifests) assert.equal(await complaint(manifest), "");
}));

Deno.test("the check against the Kubernetes API finds a key that is written wrong", async () => {
  const wrong = { apiVersion: "v1", kind: "Namespace", metadata: { name: "ktm", lables: {} } };
  assert.match(await complaint(wrong), /'"lables"' does not exist in type 'ObjectMeta'/);
});

Deno.test(needs(["kubectl"], "the sidecar of the pod gets what it needs and no more", async () => {
  const manifests = await assembled();
  const pod = manifests.find(({ kind }) => kind === "Deployment")!.spec!.template.spec;
  assert.equal(pod.shareProcessNamespace, true);
  const ktm = pod.containers.find(({ name }) => name === "ktm")!;
  assert.deepEqual(ktm.securityContext, {
    runAsUser: 0,
    runAsGroup: 0,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"], add: ["BPF", "PERFMON"] },
    seccompProfile: { type: "RuntimeDefault" },
  });
}));

Deno.test(needs(["kubectl"], "the sidecar of the pod finds its configuration, which is valid", async () => {
  const manifests = await assembled();
  const pod = manifests.find(({ kind }) => kind === "Deployment")!.spec!.template.spec;
  const { args, volumeMounts } = pod.containers.find(({ name }) => name === "ktm")!;
  const [mount] = volumeMounts;
  const volume = pod.volumes.find(({ name }) => name === mount!.name);
  const map = manifests.find(({ kind }) => kind === "ConfigMap")!;
  assert.equal(volume?.configMap?.name, map.metadata.name);
  const [file, text] = Object.entries(map.data!)[0]!;
  assert.deepEqual(args, ["run", "--config", `${mount!.mountPath}/${file}`]);
  // Throws if anything in it is wrong.
  assert.equal(configFrom(parseFile(text, file)).exporter.listen?.hostname, "0.0.0.0");
}));

Deno.test(
  needs(
    ["kubectl"],
    "the sidecar has memory for the recorder file that its configuration proposes",
    async () => {
      const manifests = await assembled();
      const pod = manifests.find(({ kind }) => kind === "Deployment")!.spec!.template.spec;
      const { volumeMounts, resources } = pod.containers.find(({ name }) => name === "ktm")!;
      const [file, proposed] = Object.entries(manifests.find(({ kind }) => kind === "ConfigMap")!.data!)[0]!;
      const text = proposed.replace(/^# (recorder:| {2}file:)/gm, "$1");
      const path = configFrom(parseFile(text, file)).recorder.file!;
      const mount = volumeMounts.find(({ mountPath }) => path === `${mountPath}/recorder`)!;
      const volume = pod.volumes.find(({ name }) => name === mount.name)!;
      assert.equal(volume.emptyDir?.medium, "Memory");
      // The recorder takes a tenth of the limit.
      const most = recorderFileBytes(parseBytes(resources.limits.memory + "B") / 10);
      assert.ok(most < parseBytes(volume.emptyDir!.sizeLimit! + "B"));
    },
  ),
);
