/** A program that the verifier gives up, after a million instructions: an emulated processor takes minutes for them. */
import assert from "node:assert/strict";
import { BpfObject, VerifierError } from "../../src/loader/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { compileObject } from "../support/compile.ts";
import { needs } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

Deno.test(
  needs(
    ["root", "btf", "clang"],
    "a program that is too complex says so, and keeps the log's end",
    async () => {
      using object = new BpfObject(await compileObject("refused"));
      assert.throws(() => object.program("too_complex"), (error) => {
        assert.ok(error instanceof VerifierError);
        assert.match(
          error.message,
          /: the verifier says: the program is too complex: processed \d{7} insns \(limit 1000000\).* \(bpf\(BPF_PROG_LOAD\): E2BIG\)$/,
        );
        assert.match(error.log, /^processed \d{7} insns \(limit 1000000\)/m);
        assert.ok(error.log.length <= 1 << 16);
        return true;
      });
    },
  ),
);
