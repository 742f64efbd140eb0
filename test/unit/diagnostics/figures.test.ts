import assert from "node:assert/strict";
import { latencyBins, phasesOf, phaseTimes, quantile } from "../../../src/diagnostics/webview/requestFigures";
import type { RequestRow } from "../../../src/diagnostics/engineViews";
import { shadeOf } from "../../../src/diagnostics/webview/scale";
import { segmentRuns } from "../../../src/diagnostics/webview/segments";

describe("figures of the panel", () => {
  it("splits a request into phases that add up to its time", () => {
    const request = {
      queueMs: 1,
      tokenizeMs: 2,
      prefillMs: 10,
      decodeMs: 30,
      firstTokenMs: 14,
      totalMs: 50,
      promptTokens: 9,
      cachedTokens: 8,
      newTokens: 4,
      draftedTokens: 0,
      acceptedTokens: 0,
    };
    assert.deepEqual(phaseTimes(request), { queue: 1, network: 0, tokenize: 2, prefill: 10, decode: 30, other: 7 });
    assert.equal(phaseTimes({ ...request, totalMs: 40 }).other, 0, "rounding takes nothing away");
    const hasNetwork = (...requests: RequestRow[]) => phasesOf(requests).some(({ id }) => id === "network");
    assert.ok(!hasNetwork(request), "the local engine has no network");
    assert.ok(hasNetwork(request, { ...request, networkMs: 3 }));
  });

  it("counts each time once", () => {
    const bins = latencyBins([0, 24.9, 25, 399, 800, 90_000]);
    assert.deepEqual(
      bins.map(({ count }) => count),
      [2, 1, 0, 0, 1, 0, 2],
    );
  });

  it("finds quantiles", () => {
    assert.equal(quantile([], 0.5), 0);
    assert.equal(quantile([3, 1, 2], 0.5), 2);
    assert.equal(quantile([3, 1, 2], 0.95), 3);
  });

  it("shades by the steps that a value has reached", () => {
    const scale = { steps: [1, 3, 6], write: String };
    assert.deepEqual(
      [undefined, 0, 0.99, 1, 5.9, 6, Infinity].map((value) => shadeOf(value, scale)),
      [0, 0, 0, 1, 2, 3, 3],
    );
  });

  it("puts neighbors of one segment together", () => {
    const segments = ["special", "special", "suffix", "special", "prefix"] as const;
    assert.deepEqual(segmentRuns(segments.map((segment) => ({ segment }))), [
      { segment: "special", from: 0, to: 2 },
      { segment: "suffix", from: 2, to: 3 },
      { segment: "special", from: 3, to: 4 },
      { segment: "prefix", from: 4, to: 5 },
    ]);
    assert.deepEqual(segmentRuns([]), []);
  });
});
