import assert from "node:assert/strict";
import { fasterBackend, suggestionMs } from "../../../../src/backend/choice/fasterBackend";
import type { BackendSpeed } from "../../../../src/gpt2/backends/speed";
import type { BackendId } from "../../../../src/gpt2/languageModel";

const measured = (backend: BackendId, prefillMs: number, decodeMs: number): BackendSpeed => ({
  kind: "measured",
  backend,
  speed: { prefillMs, decodeMs },
});
const unavailable: BackendSpeed = { kind: "unavailable", backend: "webgpu", problem: "The device was lost." };

describe("the choice between measured backends", () => {
  it("falls on the one where a suggestion takes less time", () => {
    assert.equal(fasterBackend([measured("kernels", 2, 12), measured("webgpu", 0.1, 6)]), "webgpu");
    assert.equal(fasterBackend([measured("kernels", 0.2, 1.1), measured("webgpu", 0.1, 6)]), "kernels");
  });

  it("counts the prompt of a suggestion and its text", () => {
    assert.equal(suggestionMs({ prefillMs: 2, decodeMs: 5 }), 12 * 2 + 10 * 5);
  });

  it("stays with the one that is preferred for a small gain", () => {
    assert.equal(fasterBackend([measured("kernels", 1, 10), measured("webgpu", 1, 9.5)]), "kernels");
  });

  it("leaves out what is not available, and is none without a measurement", () => {
    assert.equal(fasterBackend([unavailable, measured("onnxruntime", 9, 90)]), "onnxruntime");
    assert.equal(fasterBackend([unavailable]), undefined);
    assert.equal(fasterBackend([]), undefined);
  });
});
