import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as plan from "../../../../../src/gpt2/backends/kernels/plan";

interface Field {
  readonly name: string;
  readonly type: string;
}

/** The fields of the classes in the kernels' source, in order. */
function recordsOf(source: string): Map<string, Field[]> {
  const records = new Map<string, Field[]>();
  for (const [, name = "", body = ""] of source.matchAll(/^export class (\w+) \{\n(.*?)^\}/gms)) {
    const fields = Array.from(body.matchAll(/^ {2}(\w+): (\w+);$/gm), ([, field = "", type = ""]) => ({
      name: field,
      type,
    }));
    records.set(name, fields);
  }
  return records;
}

describe("the records that host and kernels share", () => {
  const records = recordsOf(readFileSync("src/gpt2/backends/kernels/assembly/plan.ts", "utf8"));
  const hostFields = {
    Matrix: plan.matrixFields,
    Layer: plan.layerFields,
    Branch: plan.branchFields,
    Scheduler: plan.schedulerFields,
    Plan: plan.planFields,
  };

  it("are the same records", () => {
    assert.deepEqual([...records.keys()].sort(), Object.keys(hostFields).sort());
  });

  for (const [name, fields] of Object.entries(hostFields)) {
    it(`have the same fields in the same order: ${name}`, () => {
      assert.deepEqual(
        records.get(name)?.map((field) => field.name),
        fields,
      );
    });

    it(`have fields of 32 bits, floats where the host writes floats: ${name}`, () => {
      // References to other records are addresses.
      const types = new Set(["i32", "usize", "f32", ...records.keys()]);
      for (const field of records.get(name) ?? []) {
        assert.ok(types.has(field.type), `${field.name}: ${field.type}`);
        assert.equal(field.type === "f32", plan.floatFields.has(field.name), field.name);
      }
    });
  }
});
