/** `ktm run` and SIGHUP: another configuration without a new start. */
// Runs beside others.
import assert from "node:assert/strict";
import { type Agent, startAgent } from "../support/agent.ts";
import { type Child, output } from "../support/child.ts";
import { attachedBy, heldBy } from "../support/kernel/bpf_objects.ts";
import { peakKb, residentKb } from "../support/kernel/process_figures.ts";
import { startKtm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";
import { until, within } from "../support/until.ts";

const WATCHING = /Watching the target mode=full/;

/** An agent with a configuration file that the test writes. */
async function startConfigured(stage: Stage, yaml: string): Promise<{ agent: Agent; write: Write }> {
  const file = `${stage.directory}/ktm.yaml`;
  const write = (yaml: string) => Deno.writeTextFileSync(file, yaml);
  write(yaml);
  return { agent: await startAgent(["--config", file]), write };
}

type Write = (yaml: string) => void;

function prefixed(prefix: string, more = ""): string {
  return `collector:\n  ebpf:\n    comm_prefix: ${prefix}\n${more}`;
}

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "SIGHUP changes what is said about the log, and counters go on",
    async () => {
      await using stage = new Stage();
      const { agent, write } = await startConfigured(stage, prefixed(stage.prefix));
      await using child = agent;
      const reader = new Reader(stage, stage.prefix, stage.cgroup);
      await agent.child.said(WATCHING);
      await reader.read(50);
      const before = await agent.reads();
      const programs = heldBy(agent.child.pid).prog;

      write(prefixed(stage.prefix, "log:\n  format: json\n"));
      child.child.kill("SIGHUP");
      await agent.child.said(/^\{.*"message":"Changed","key":"log.format","from":"text","to":"json"/);
      await agent.child.said(/"message":"Reloaded the configuration","changes":1/);
      assert.deepEqual(heldBy(agent.child.pid).prog, programs);
      const done = await reader.read(50);
      assert.equal(await agent.reads(), before + done);
    },
  ),
);

Deno.test(
  needs(
    LIVE_KERNEL,
    "SIGHUP says of each key of the recorder that it needs a restart, and opens no file",
    async () => {
      await using stage = new Stage();
      const { agent, write } = await startConfigured(stage, prefixed(stage.prefix));
      await using child = agent;
      const path = `${stage.directory}/recorder`;
      write(prefixed(stage.prefix, `recorder:\n  memory_limit: 1MiB\n  file: ${path}\n`));
      child.child.kill("SIGHUP");
      await agent.child.said(/This key needs a restart key=recorder.memory_limit/);
      await agent.child.said(
        new RegExp(`This key needs a restart key=recorder.file from="not set" to=${path}`),
      );
      await agent.child.said(/Reloaded the configuration changes=0/);
      await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
    },
  ),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "SIGHUP with a bad configuration says why and changes nothing",
    async () => {
      await using stage = new Stage();
      const { agent, write } = await startConfigured(stage, prefixed(stage.prefix));
      await using child = agent;
      new Reader(stage, stage.prefix, stage.cgroup);
      await agent.child.said(WATCHING);
      const attached = attachedBy(agent.child.pid);
      const wrong = [
        [prefixed(stage.prefix, "log:\n  level: loud\n"), /log\.level/],
        [prefixed(stage.prefix, "  colour: red\n"), /unknown key colour/],
        [prefixed(stage.prefix, "    cgroup_path: /nowhere\n"), /cgroup_path/],
        [prefixed(stage.prefix, "  modules: [other]\n"), /collector\.modules.*other/],
        ["collector: [", /ktm\.yaml/],
      ] as const;
      for (const [index, [yaml, complaint]] of wrong.entries()) {
        write(yaml);
        child.child.kill("SIGHUP");
        const [line] = await agent.child.said(
          /Cannot reload the configuration: the old one stays .*/,
          index + 1,
        );
        assert.match(line, complaint);
      }
      assert.equal(attachedBy(agent.child.pid), attached);
      assert.equal((await agent.get("/readyz")).status, 200);
    },
  ),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "SIGHUP with another comm prefix watches another target from zero",
    async () => {
      await using stage = new Stage();
      const other = `other${stage.prefix.slice(-4)}`;
      const { agent, write } = await startConfigured(stage, prefixed(stage.prefix));
      await using child = agent;
      const first = new Reader(stage, stage.prefix, stage.makeCgroup("-first"));
      const second = new Reader(stage, other, stage.makeCgroup("-second"));
      await agent.child.said(WATCHING);
      await first.read(100);
      assert.ok(await agent.reads() > 0);

      write(prefixed(other));
      child.child.kill("SIGHUP");
      await agent.child.said(/Changed key=collector\.ebpf\.comm_prefix/);
      await agent.child.said(WATCHING, 2);
      await first.read(50);
      await second.read(1);
      const before = await agent.reads();
      const done = await second.read(10);
      assert.equal(await agent.reads(), before + done);
      // The second reader has read two short lines and what the shell needed for its start, the first over 1000 bytes.
      assert.ok(before < 300, `${before}`);
    },
  ),
);

Deno.test(needs(LIVE_KERNEL, "SIGHUP with another interval collects in another rhythm", async () => {
  await using stage = new Stage();
  const file = `${stage.directory}/ktm.yaml`;
  await Deno.writeTextFile(
    file,
    prefixed(stage.prefix, "  interval: 1h\nexporter:\n  listen: 127.0.0.1:0\n"),
  );
  await using child = startKtm(["run", "--config", file]);
  const [, address] = await child.said(/Listening address=(\S+)/);
  const collections = async () => {
    const text = await (await fetch(`${address}/metrics`)).text();
    return Number(/^ktm_collections_total (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  await until("first collection", async () => await collections() === 1);
  await Deno.writeTextFile(
    file,
    prefixed(stage.prefix, "  interval: 20ms\nexporter:\n  listen: 127.0.0.1:0\n"),
  );
  child.kill("SIGHUP");
  await until("tenth collection", async () => await collections() >= 10);
}));

Deno.test(
  needs(LIVE_KERNEL, "SIGHUP moves the server, and leaves it where the new place is taken", async () => {
    await using stage = new Stage();
    const file = `${stage.directory}/ktm.yaml`;
    const listen = (address: string) => prefixed(stage.prefix, `exporter:\n  listen: ${address}\n`);
    await Deno.writeTextFile(file, listen("127.0.0.1:0"));
    await using child = startKtm(["run", "--config", file]);
    await child.said(/Listening address=(\S+)/);

    await Deno.writeTextFile(file, listen("localhost:0"));
    child.kill("SIGHUP");
    const [, moved] = await child.said(/Listening address=(\S+)/, 2);
    assert.equal(await fetch(`${moved}/healthz`).then((response) => response.text()), "ok\n");

    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await Deno.writeTextFile(file, listen(`127.0.0.1:${taken.addr.port}`));
    child.kill("SIGHUP");
    await child.said(
      /Cannot reload the configuration: the old one stays problem=.*another process listens there/,
    );
    const [, back] = await child.said(/Listening address=(\S+)/, 3);
    assert.equal(await fetch(`${back}/healthz`).then((response) => response.text()), "ok\n");
  }),
);

/** What takes the place of the file, by what the log says of it. */
const UNUSABLE: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  "it is a pipe, not a regular file": (path) => output("mkfifo", path),
  "it is a character device, not a regular file": (path) => Deno.symlink("/dev/zero", path),
  "it is larger than 1048576 bytes": (path) => Deno.writeFile(path, new Uint8Array(2 ** 24)),
};

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "SIGHUP with a file that cannot be used says why, and the agent goes on",
    async () => {
      await using stage = new Stage();
      const { agent } = await startConfigured(stage, prefixed(stage.prefix));
      await using child = agent;
      new Reader(stage, stage.prefix, stage.cgroup);
      await agent.child.said(WATCHING);
      const file = `${stage.directory}/ktm.yaml`;
      for (const [reason, replace] of Object.entries(UNUSABLE)) {
        await Deno.remove(file);
        await replace(file);
        agent.child.kill("SIGHUP");
        await agent.child.said(
          new RegExp(`Cannot reload the configuration: .* problem="Cannot use .*: ${reason}"`),
        );
        assert.equal(await agent.value("ktm_status"), 2);
      }
      child.child.kill("SIGTERM");
      assert.equal((await within("end", 2000, child.child.outcome())).code, 0);
    },
  ),
);

/** Bytes of files, and by how much reading one of any size may make the agent larger at its peak. */
const SIZES = [2 ** 16 - 16, 2 ** 20 - 16];
const MOST_GROWTH_KB = 32 << 10;

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "SIGHUP with a large file of many values takes little memory",
    async () => {
      await using stage = new Stage();
      const { agent, write } = await startConfigured(stage, prefixed(stage.prefix));
      await using child = agent;
      const before = residentKb(child.child.pid);
      for (const [index, size] of SIZES.entries()) {
        write(`[${"{a: 1},".repeat(size / 7)}]`);
        child.child.kill("SIGHUP");
        await child.child.said(/Cannot reload the configuration/, index + 1);
      }
      const growth = peakKb(child.child.pid) - before;
      assert.ok(growth < MOST_GROWTH_KB, `${growth} KB`);
    },
  ),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "A configuration is read through links, as Kubernetes makes them",
    async () => {
      await using stage = new Stage();
      // A ConfigMap: the file is a link through a link to a directory, which is replaced.
      const volume = `${stage.directory}/volume`;
      await Deno.mkdir(`${volume}/..first`, { recursive: true });
      await Deno.writeTextFile(`${volume}/..first/ktm.yaml`, prefixed(stage.prefix));
      await Deno.symlink("..first", `${volume}/..data`);
      await Deno.symlink("..data/ktm.yaml", `${volume}/ktm.yaml`);
      await using agent = await startAgent(["--config", `${volume}/ktm.yaml`]);
      await Deno.mkdir(`${volume}/..second`);
      await Deno.writeTextFile(`${volume}/..second/ktm.yaml`, prefixed(stage.prefix, "log: {format: json}"));
      await Deno.symlink("..second", `${volume}/..new`);
      await Deno.rename(`${volume}/..new`, `${volume}/..data`);
      agent.child.kill("SIGHUP");
      await agent.child.said(/"message":"Reloaded the configuration","changes":1/);
    },
  ),
);

/** A started agent with this file, and no flags that go before it. */
async function startWithFile(stage: Stage, yaml: string): Promise<{ child: Child; write: Write }> {
  const file = `${stage.directory}/ktm.yaml`;
  const write = (yaml: string) => Deno.writeTextFileSync(file, yaml);
  write(yaml);
  const child = startKtm(["run", "--config", file]);
  await child.said(/Waiting for the target/);
  return { child, write };
}

Deno.test(needs(LIVE_KERNEL, "SIGHUP says what has changed as it stands in the file", async () => {
  await using stage = new Stage();
  const { child, write } = await startWithFile(stage, prefixed(stage.prefix, "  interval: 90s\n"));
  await using agent = child;
  write([
    prefixed(stage.prefix, "  interval: 250ms\n"),
    "recorder: { memory_limit: 32MiB }",
    "diagnosis: { latency_floor: 1.5ms }",
    "exporter: { listen: '127.0.0.1:0', allowed_hosts: [db1, db2] }",
  ].join("\n"));
  agent.kill("SIGHUP");
  await agent.said(/Reloaded the configuration changes=4$/);
  const told = [...agent.stderr.matchAll(/key=(.*)$/gm)].map(([, change]) => change);
  assert.deepEqual(told.toSorted(), [
    "collector.interval from=1m30s to=250ms",
    "diagnosis.latency_floor from=256us to=1.5ms",
    'exporter.allowed_hosts from=[] to="[db1, db2]"',
    'exporter.listen from="not set" to=127.0.0.1:0',
    'recorder.memory_limit from="not set" to=32MiB',
  ]);
}));

Deno.test(needs(LIVE_KERNEL, "SIGHUP with an empty file changes nothing and says why", async () => {
  await using stage = new Stage();
  const { child, write } = await startWithFile(stage, prefixed(stage.prefix));
  await using agent = child;
  for (const [index, text] of ["", "\n \n"].entries()) {
    write(text);
    agent.kill("SIGHUP");
    await agent.said(
      /Cannot reload the configuration: the old one stays problem=".*ktm\.yaml: the file is empty; /,
      index + 1,
    );
  }
  assert.doesNotMatch(agent.stderr, /Changed/);
  write("# every default\n{}\n");
  agent.kill("SIGHUP");
  await agent.said(new RegExp(`Changed key=collector.ebpf.comm_prefix from=${stage.prefix} to=banyand`));
}));

Deno.test(
  needs(LIVE_KERNEL, "each SIGHUP is answered, and what is held back is written before the end", async () => {
    await using stage = new Stage();
    const { child, write } = await startWithFile(stage, prefixed(stage.prefix));
    await using agent = child;
    const ROUNDS = 13;
    for (let round = 1; round <= ROUNDS; round++) {
      write(`collector: banana${round}\n`);
      agent.kill("SIGHUP");
      await agent.said(/Cannot reload the configuration: .*banana/, round);
    }
    for (let round = 1; round <= ROUNDS; round++) {
      write(prefixed(`${stage.prefix.slice(-10)}_${round}`));
      agent.kill("SIGHUP");
      await agent.said(/Reloaded the configuration changes=1$/, round);
    }
    agent.kill("SIGTERM");
    const { stderr } = await agent.outcome();
    const [heldBack, last] = stderr.trimEnd().split("\n").slice(-2);
    assert.match(heldBack!, / similar_lines_left_out=\d+$/);
    assert.match(last!, / ktm has stopped$/);
  }),
);

Deno.test(needs(LIVE_KERNEL, "The first line says that ktm starts, before the address", async () => {
  await using stage = new Stage();
  await using agent = startKtm(["run", "--comm-prefix", stage.prefix, "--listen", "127.0.0.1:0"]);
  await agent.said(/Waiting for the target/);
  const messages = agent.stderr.split("\n").slice(0, 2);
  assert.match(messages[0]!, /ktm starts version=/);
  assert.match(messages[1]!, /Listening address=/);
}));
