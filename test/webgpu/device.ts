import assert from "node:assert/strict";
import { webGpuBackend } from "../../src/gpt2/backends/webgpu/backend";
import type { LanguageModel } from "../../src/gpt2/languageModel";
import { Reference } from "../../src/gpt2/verification/reference";
import { loaderWith, sharedDevices, smallModel, testGpuBackend, testGpuLoader, findTestGpu } from "../fixtures/gpu";
import { GpuCounter } from "../fixtures/gpuCounter";
import { maxDifference } from "../fixtures/difference";

/** Lowers limits of a device for whoever asks for them. */
function limitTo(device: GPUDevice, lower: Readonly<Record<string, number>>): void {
  const limits: Record<string, number> = {};
  // They are properties of the prototype.
  for (const name in device.limits) limits[name] = Number(Reflect.get(device.limits, name));
  Object.defineProperty(device, "limits", { value: { ...limits, ...lower }, configurable: true });
}

const options = { precision: "f32", threads: 0 } as const;
const tokens = [5, 17, 301, 8, 99];

/** The logits after {@link tokens}, and how far they are from the reference's. */
async function check(model: LanguageModel): Promise<number> {
  using slot = await model.acquire(tokens);
  const logits = await model.forward(slot, tokens.slice(slot.tokens.length));
  const reference = new Reference(smallModel("gpt2-tiny"));
  const expected = await reference.forward(reference.start(), tokens, { logitRows: 1 });
  return maxDifference(logits, expected.logits);
}

describe("a WebGPU device", function () {
  this.timeout(600_000);

  it("that is not there is an error of its own kind", async () => {
    const backend = webGpuBackend(async () => {
      const { ort } = await testGpuLoader();
      return { ort, gpu: { requestAdapter: () => Promise.resolve(null) } as unknown as GPU };
    }, findTestGpu);
    const opening = backend.open(smallModel("gpt2-tiny"), options);
    await assert.rejects(opening, { name: "BackendUnavailableError", message: /no graphics adapter/ });
  });

  it("that computes wrongly is found out before a model is run on it", async () => {
    const backend = webGpuBackend(
      loaderWith((device) => {
        const create = device.createShaderModule.bind(device);
        device.createShaderModule = (module) =>
          create({ ...module, code: module.code.replaceAll("0.044715", "0.14715").replaceAll("0.035677", "0.135677") });
      }),
      findTestGpu,
    );
    const opening = backend.open(smallModel("gpt2-tiny"), options);
    await assert.rejects(opening, { name: "BackendUnavailableError", message: /computes wrongly/ });
  });

  it("gives back the wanted logits and nothing else, and needs at most 13 dispatches a layer", async () => {
    await using model = await testGpuBackend.open(smallModel("gpt2-tiny"), options);
    using slot = await model.acquire(tokens);
    await model.forward(slot, tokens);
    await model.forward(slot, [1]);
    const { layers, vocabSize } = model.config;
    using counter = new GpuCounter();
    await model.forward(slot, [2]);
    assert.equal(counter.mappedBytes, 4 * vocabSize);
    assert.ok(counter.dispatches <= 13 * layers + 5, `${counter.dispatches} dispatches`);
    // The parameters of the shaders. Embeddings go another way.
    assert.ok(counter.writtenBytes <= 100 * counter.dispatches, `${counter.writtenBytes} bytes written`);
    counter.reset();
    await model.forward(slot, [3, 4, 5], 0);
    assert.equal(counter.mappedBytes, 0);
  });

  // The last test: it takes the device away that all others share.
  it("that is lost in the middle of a step ends the step with an error; the next model gets a new one, whatever its buffers", async () => {
    const unavailable = { name: "BackendUnavailableError", message: /lost/ };
    {
      await using model = await testGpuBackend.open(smallModel("gpt2-tiny"), options);
      using slot = await model.acquire(tokens);
      await model.forward(slot, tokens);
      // Two steps that nobody asks for are under way, too.
      await model.forwardLikeliest?.(slot, [7], { ahead: 2 });
      const step = model.forward(slot, [7]);
      sharedDevices.last?.destroy();
      await assert.rejects(step, unavailable);
      await assert.rejects(model.forwardLikeliest?.(slot, [7]) ?? Promise.resolve(), unavailable);
      await assert.rejects(model.forward(slot, [7]), unavailable);
    }
    // The new one has buffers that are smaller than the head, which is cut into parts for it.
    sharedDevices.change = (device) => limitTo(device, { maxStorageBufferBindingSize: 70_000 });
    const lost = sharedDevices.last;
    {
      await using model = await testGpuBackend.open(smallModel("gpt2-tiny"), options);
      assert.notEqual(sharedDevices.last, lost);
      assert.ok((await check(model)) < 1e-4);
    }
    if (sharedDevices.last) limitTo(sharedDevices.last, { maxStorageBufferBindingSize: 40_000 });
    const opening = testGpuBackend.open(smallModel("gpt2-tiny"), options);
    await assert.rejects(opening, { name: "BackendUnavailableError", message: /buffers of up to 1 MB/ });
  });
});
