/** The Containerfile: the image is built and run beside a database, as the containers of a pod are. */
// Runs beside others.
import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { valueOf } from "../support/exposition.ts";
import { ROOT } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { PROGRAMS, Stage } from "../support/stage.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";
import { startContainer } from "./container.ts";
import { buildImage } from "./image.ts";
import { addProgram, makeRootFolder } from "./root_folder.ts";

const BLOCK = 4096;
const DATABASE_UID = 1000;

/** What KTM needs, and all that it gets. */
const CAPABILITIES = ["CAP_BPF", "CAP_PERFMON"];

/** Who runs the sidecar: the image's own user where capabilities can be ambient, and root in Kubernetes. */
const UIDS = [61053, 0];

/** The process of this comm. */
function processNamed(comm: string): number | undefined {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Deno.readTextFileSync(`/proc/${name}/comm`).trim() === comm) return Number(name);
    } catch {
      // It has ended since the directory was read.
    }
  }
}

Deno.test("the image's command line for the bundle is that of the task, with its permissions", async () => {
  const text = await Deno.readTextFile(new URL("Containerfile", ROOT));
  const [, list] = /^ENTRYPOINT (\["\/usr\/local\/bin\/deno"[^\]]*(?:\[::1\]|\[::\]|[^\]])*\])$/m.exec(
    text.replaceAll("\\\n", ""),
  ) ?? assert.fail("no entry point with deno");
  const { ffi, net } = manifest.permissions.ktm;
  const flags = manifest.tasks.ktm.command.split(" ").filter((word) => word.startsWith("--v8-flags"));
  const entrypoint: string[] = JSON.parse(list!);
  for (const word of [...flags, `--allow-ffi=${ffi}`, `--allow-net=${net}`, "--no-prompt"]) {
    assert.ok(entrypoint.includes(word), word);
  }
  assert.equal(entrypoint.filter((word) => word.startsWith("--allow")).length, 2);
});

Deno.test(
  needs(
    [...LIVE_KERNEL, "buildah", "busybox", "crun", "unshare"],
    "the image counts what a database in another container of the pod reads",
    async () => {
      await using stage = new Stage();
      await using directory = await temporaryDirectory();
      const image = await buildImage(directory.path, "bundle");
      assert.equal(image.user, "61053:61053");

      const root = directory.file("database");
      await makeRootFolder(root);
      await addProgram(root, PROGRAMS.dd, stage.prefix);
      const database = await startContainer(stage, directory.path, stage.cgroup, {
        name: "database",
        root,
        args: [`/${stage.prefix}`, "if=/dev/zero", "of=/dev/null", `bs=${BLOCK}`],
        uid: DATABASE_UID,
        capabilities: [],
      });
      const pid = await until("database", () => processNamed(stage.prefix));
      await using _end = {
        async [Symbol.asyncDispose]() {
          // The end of crun is not that of its container, but the other way round.
          Deno.kill(pid, "SIGKILL");
          await database.outcome();
        },
      };

      const sidecars = stage.makeCgroup("-sidecar");
      for (const uid of UIDS) {
        const sidecar = await startContainer(stage, directory.path, sidecars, {
          name: `sidecar-${uid}`,
          root: image.root,
          args: [...image.entrypoint, "snapshot", "--duration", "1s", "--comm-prefix", stage.prefix],
          uid,
          capabilities: CAPABILITIES,
          shares: pid,
        });
        const { code, stdout, stderr } = await sidecar.outcome();
        assert.equal(code, 0, stderr);
        assert.equal(valueOf(stdout, "ktm_status"), 2, stderr);
        assert.equal(valueOf(stdout, "ktm_scope_fallback_events_total"), 0);
        const calls = valueOf(stdout, "ktm_sys_read_latency_seconds_count");
        assert.ok(calls !== undefined && calls > 0, stdout);
        // Nobody else's calls: each of the database's reads a block.
        assert.equal(valueOf(stdout, "ktm_sys_read_bytes_total"), calls * BLOCK);
      }
    },
  ),
);
