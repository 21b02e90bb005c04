import assert from "node:assert/strict";
import { Errno, processId, SyscallError } from "../syscall/mod.ts";
import type { TargetFollower } from "./follower.ts";
import { Followers } from "./followers.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** A module that remembers what it is told, and fails if it is to. */
class Follower implements TargetFollower {
  readonly name: string;
  readonly needsPrograms: boolean;
  readonly told: string[];
  readonly #error: Error | undefined;

  constructor(name: string, told: string[], { error, needsPrograms = true }: {
    readonly error?: Error;
    readonly needsPrograms?: boolean;
  } = {}) {
    this.name = name;
    this.told = told;
    this.needsPrograms = needsPrograms;
    this.#error = error;
  }

  attach(): void {
    this.told.push(`${this.name} attaches`);
    if (this.#error !== undefined) throw this.#error;
  }

  detach(): void {
    this.told.push(`${this.name} detaches`);
  }

  read(): never[] {
    if (this.#error !== undefined) throw this.#error;
    return [];
  }
}

function followersOf(said: unknown[], ...all: readonly Follower[]): Followers {
  const say = (message: string, properties?: Readonly<Record<string, unknown>>) =>
    void said.push([message, properties]);
  const followers = new Followers({ debug: say, info: say, warn: say, error: say });
  for (const follower of all) followers.add(follower);
  return followers;
}

Deno.test("Followers tell of a module that cannot attach, and attach the others", () => {
  const [told, said]: [string[], unknown[]] = [[], []];
  const bad = new Follower("bad", told, { error: new Error("no way") });
  followersOf(said, bad, new Follower("good", told)).attach({});
  assert.deepEqual(told, ["bad attaches", "bad detaches", "good attaches"]);
  assert.deepEqual(said, [["Module disabled", { module: "bad", reason: "no way" }]]);
});

Deno.test("Followers give up if no module that needs programs can attach any", () => {
  const told: string[] = [];
  const bad = new Follower("bad", told, { error: new Error("no way") });
  const other = new Follower("other", told, { needsPrograms: false });
  const broken = new Follower("broken", told, { needsPrograms: false, error: new Error("its own trouble") });
  assert.throws(() => followersOf([], other, broken, bad).attach({}), { message: "no way" });
  followersOf([], other).attach({});
});

Deno.test("Followers take no shortage for a module's failure", () => {
  const error = new SyscallError("open a map", "bpf", Errno.EMFILE);
  const told: string[] = [];
  const all = [new Follower("short", told, { error }), new Follower("good", told)];
  assert.throws(() => followersOf([], ...all).attach({}), (thrown) => thrown === error);
  assert.deepEqual(told, ["short attaches"]);
});

Deno.test("Followers detach the newest first, and have the last samples of each that can read them", () => {
  const [told, said]: [string[], unknown[]] = [[], []];
  const bad = new Follower("bad", told, { error: new Error("gone") });
  const followers = followersOf(said, bad, new Follower("good", told));
  followers.detach();
  assert.deepEqual(told, ["good detaches", "bad detaches"]);
  assert.deepEqual(followers.last(), [{ source: "bad", samples: [] }, { source: "good", samples: [] }]);
  assert.deepEqual(said, [["Cannot read the last counters of the target", {
    module: "bad",
    reason: "gone",
  }]]);
});
