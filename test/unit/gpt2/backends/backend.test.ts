import assert from "node:assert/strict";
import { chooseBackend } from "../../../../src/gpt2/backends/backend";
import { buildGraph } from "../../../../src/gpt2/backends/ort/graph";
import { ComputeError } from "../../../../src/gpt2/errors";
import { preparedWeightList, scalesOf } from "../../../../src/gpt2/weights/weightList";
import { testBackends } from "../../../fixtures/runtime";
import { oracleConfig } from "../../../fixtures/syntheticModel";

const config = oracleConfig("gpt2-tiny");
/** Heads of 18 numbers: no whole vectors of four. */
const odd = { ...config, heads: 2, kvHeads: 2, width: 36 };

describe("choosing a backend", () => {
  it("takes the first that supports the model", () => {
    assert.equal(chooseBackend(testBackends, "auto", config, "int8").id, "kernels");
    assert.equal(chooseBackend(testBackends, "auto", config, "f32").id, "onnxruntime");
    assert.equal(chooseBackend(testBackends, "auto", odd, "int8").id, "onnxruntime");
  });

  it("takes the one that is named", () => {
    assert.equal(chooseBackend(testBackends, "onnxruntime", config, "int8").id, "onnxruntime");
    assert.equal(chooseBackend(testBackends, "kernels", config, "int8").id, "kernels");
  });

  it("says what to choose when the named one cannot run the model", () => {
    assert.throws(() => chooseBackend(testBackends, "kernels", config, "f32"), {
      name: "ComputeError",
      message: "The backend kernels cannot run this model in f32. Choose onnxruntime, or another precision.",
    });
    assert.throws(() => chooseBackend(testBackends, "kernels", odd, "int8"), ComputeError);
  });

  it("names the backends that there are when the named one is missing", () => {
    const [, ort] = testBackends;
    assert.ok(ort);
    assert.throws(() => chooseBackend([ort], "kernels", config, "int8"), /not available here.*onnxruntime/);
  });
});

describe("the list of prepared weights", () => {
  for (const precision of ["int8", "f32"] as const) {
    for (const name of ["gpt2-tiny", "bigcode-tiny"] as const) {
      it(`is what the graph has as external data, for ${name} in ${precision}`, () => {
        const list = preparedWeightList(oracleConfig(name), precision);
        const listed = new Map<string, string>();
        for (const { name, shape, quantized } of list) {
          listed.set(name, shape.join());
          if (quantized) listed.set(scalesOf(name), String(shape[1]));
        }
        const { graph } = buildGraph(oracleConfig(name), { precision, taps: false });
        const external = graph.constants.filter(({ bytes }) => bytes === undefined);
        assert.deepEqual(
          external.map(({ name, shape }) => `${name} ${shape.join()}`).sort(),
          Array.from(listed, ([name, shape]) => `${name} ${shape}`).sort(),
        );
      });
    }
  }
});
