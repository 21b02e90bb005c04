/** What inputs are made of: well-formed files, the fields in them, and what is done with the changed ones. @module */
import iomonitor from "../../bpf/iomonitor.bpf.o" with { type: "bytes" };
import { parseObject } from "../../src/elf/mod.ts";
import { buildObject } from "../../src/elf/object/testing_object.ts";
import { btfFields, type FieldGroups } from "./btf_fields.ts";
import { elfFields } from "./elf_fields.ts";
import { type Exercise, exerciseBtf, exerciseObjects, exerciseTargets } from "./exercise.ts";
import { mutateField } from "./field_mutators.ts";
import { Random } from "./random.ts";
import { RANDOM_MUTATORS } from "./random_mutators.ts";
import { richObject, richTarget } from "./rich_object.ts";

/** A well-formed file that inputs are made of. */
export interface Stock {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly fields: FieldGroups;
  readonly exercise: Exercise;
  /** How many of a thousand inputs are made of it. */
  readonly share: number;
}

/** An input. */
export interface Input {
  readonly stock: Stock;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** An object file as stock. */
export function objectStock(name: string, file: Uint8Array, share: number): Stock {
  const bytes = new Uint8Array(file);
  return { name, bytes, fields: elfFields(bytes), exercise: exerciseObjects(richTarget()), share };
}

function btfStock(name: string, blob: Uint8Array, exercise: Exercise, share: number): Stock {
  const bytes = new Uint8Array(blob);
  return { name, bytes, fields: btfFields(bytes), exercise, share };
}

/** All that needs nothing but this repository; an object of 190 KB takes its time, so there is little of it. */
export function fixedStocks(): readonly Stock[] {
  const rich = richObject();
  return [
    objectStock("small object", buildObject(), 200),
    objectStock("rich object", rich, 297),
    objectStock("iomonitor", iomonitor, 3),
    btfStock("target", richTarget(), exerciseTargets(rich), 250),
    btfStock("BTF of an object", parseObject(rich).btfBytes, exerciseBtf, 200),
    btfStock("BTF of a target", richTarget(), exerciseBtf, 50),
  ];
}

function pickStock(stocks: readonly Stock[], random: Random): Stock {
  let rest = random.below(stocks.reduce((sum, { share }) => sum + share, 0));
  return stocks.find(({ share }) => (rest -= share) < 0)!;
}

const MOST_FIELDS = 4;
const MOST_RANDOM = 2;

/** A changed copy: of some fields, of some bytes that mean nothing in particular, or of both. */
export function mutate(stock: Stock, random: Random): Uint8Array<ArrayBuffer> {
  let bytes = stock.bytes.slice();
  const fields = random.below(MOST_FIELDS + 1);
  for (let left = fields; left > 0; left--) mutateField(bytes, stock.fields, random);
  // Where fields were changed, most often only they are: other changes keep the rest from being looked at.
  const others = fields === 0 ? 1 + random.below(MOST_RANDOM) : random.below(8) === 0 ? 1 : 0;
  for (let left = others; left > 0; left--) bytes = random.pick(RANDOM_MUTATORS)(bytes, random);
  return bytes;
}

/** The input with this number: the same for the same seed and stocks, whatever came before. */
export function makeInput(stocks: readonly Stock[], seed: number, index: number): Input {
  const random = new Random(seed, index);
  const stock = pickStock(stocks, random);
  return { stock, bytes: mutate(stock, random) };
}
