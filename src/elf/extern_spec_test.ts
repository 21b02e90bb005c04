import assert from "node:assert/strict";
import { BtfKind, parseBtf } from "./btf.ts";
import { SymbolBinding, SymbolType } from "./elf.ts";
import { parseExterns } from "./extern_spec.ts";
import { BtfBuilder } from "./testing_btf.ts";
import { objectError } from "./testing_error.ts";

/** What an object with `extern T CONFIG_A __kconfig` expects. */
function optionOf(build: (btf: BtfBuilder) => number) {
  const btf = new BtfBuilder();
  const extern = 2;
  btf.dataSection(".kconfig", [[btf.add("CONFIG_A", BtfKind.VAR << 24, build(btf), [extern]), 0, 0]]);
  const symbol = {
    name: "CONFIG_A",
    type: SymbolType.NOTYPE,
    binding: SymbolBinding.WEAK,
    hidden: false,
    section: 0,
    value: 0,
    size: 0,
  };
  return parseExterns({ sections: [], symbols: [symbol], relocations: new Map() }, parseBtf(btf.build()));
}

Deno.test("parseExterns() gives options the size of their type", () => {
  const tristate = optionOf((btf) => btf.enumeration("libbpf_tristate", [["TRI_NO", 0]]));
  assert.deepEqual([tristate.kconfig[0]?.type, tristate.kconfigSize], ["tristate", 4]);
  const text = optionOf((btf) => btf.array(btf.int("char", 1), 12));
  assert.deepEqual([text.kconfig[0]?.type, text.kconfigSize], ["string", 12]);
});

Deno.test("parseExterns() rejects an enumeration of another size as a tristate", () => {
  for (const size of [0, 8]) {
    const build = (btf: BtfBuilder) => btf.add("libbpf_tristate", BtfKind.ENUM << 24, size);
    assert.match(objectError(() => optionOf(build)).message, /CONFIG_A has a type that no option can have/);
  }
});

Deno.test("parseExterns() takes no memory for a text of absurd length", () => {
  const { section, message } = objectError(() =>
    optionOf((btf) => btf.array(btf.int("char", 1), 0xffffffff))
  );
  assert.equal(section, ".kconfig");
  assert.match(message, /4294967295 bytes; there may be 1048576/);
});
