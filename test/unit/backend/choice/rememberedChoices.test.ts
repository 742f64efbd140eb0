import assert from "node:assert/strict";
import { type BackendDecision, modelKey, RememberedChoices } from "../../../../src/backend/choice/rememberedChoices";
import { config, machine, options } from "./support";
import { MapStore } from "../../../fixtures/mapStore";

const decision: BackendDecision = {
  backend: "webgpu",
  speeds: [{ kind: "measured", backend: "webgpu", speed: { prefillMs: 0.1, decodeMs: 3 } }],
  measuredAt: 1000,
};
const model = modelKey(options);

describe("a remembered choice of a backend", () => {
  it("is found again for the same model on the same machine, in a later session too", async () => {
    const memory = new MapStore();
    await new RememberedChoices(memory, "1.0").remember(model, { machine, config }, decision);
    const later = new RememberedChoices(memory, "1.0");
    assert.deepEqual(later.find(model), decision);
    assert.deepEqual(later.findFor(model, { machine, config }), decision);
  });

  it("does not count for another model, precision, or number of threads", async () => {
    const remembered = new RememberedChoices(new MapStore(), "1.0");
    await remembered.remember(model, { machine, config }, decision);
    const others = [
      { ...options, location: { kind: "path", path: "/models/b" } as const },
      { ...options, location: { kind: "bytes", name: "a", files: [] } as const },
      { ...options, precision: "f32" as const },
      { ...options, threads: 1 },
    ];
    for (const other of others) assert.equal(remembered.find(modelKey(other)), undefined);
  });

  it("is out of date with another processor, graphics card, set of backends, shape of the model, or version", async () => {
    const memory = new MapStore();
    const remembered = new RememberedChoices(memory, "1.0");
    await remembered.remember(model, { machine, config }, decision);
    const [kernels, onnxruntime] = machine.backends;
    assert.ok(kernels && onnxruntime);
    const changed = [
      { config, machine: { ...machine, processor: "Another processor" } },
      {
        config,
        machine: {
          ...machine,
          backends: [
            kernels,
            onnxruntime,
            { id: "webgpu", device: { name: "Another card", software: false } } as const,
          ],
        },
      },
      { config, machine: { ...machine, backends: [kernels, onnxruntime] } },
      { machine, config: { ...config, layers: config.layers + 1 } },
    ];
    for (const circumstances of changed) assert.equal(remembered.findFor(model, circumstances), undefined);
    assert.ok(remembered.findFor(model, { machine, config }));
    const newer = new RememberedChoices(memory, "1.1");
    assert.equal(newer.find(model), undefined);
    assert.equal(newer.findFor(model, { machine, config }), undefined);
  });

  it("can be forgotten, and replaced by a new one", async () => {
    const remembered = new RememberedChoices(new MapStore(), "1.0");
    await remembered.remember(model, { machine, config }, decision);
    await remembered.remember(model, { machine, config }, { ...decision, backend: "kernels" });
    assert.equal(remembered.find(model)?.backend, "kernels");
    await remembered.forget(model);
    assert.equal(remembered.find(model), undefined);
  });

  it("is dropped for newer ones of twenty other models", async () => {
    const remembered = new RememberedChoices(new MapStore(), "1.0");
    for (let i = 0; i <= 20; i++) {
      await remembered.remember(String(i), { machine, config }, { ...decision, measuredAt: i });
    }
    assert.equal(remembered.find("0"), undefined);
    for (let i = 1; i <= 20; i++) assert.ok(remembered.find(String(i)), String(i));
  });
});
