import assert from "node:assert/strict";
import { ConfidenceCalibration } from "../../../../../src/generation/speculative/draftModel/confidenceCalibration";

describe("ConfidenceCalibration", () => {
  it("begins with the draft model's own probability and moves to the observed acceptance", () => {
    const calibration = new ConfidenceCalibration();
    assert.ok(Math.abs(calibration.acceptance(0.85) - 0.85) < 1e-9);
    for (let i = 0; i < 100; i++) calibration.record(0.85, i % 4 === 0);
    assert.ok(Math.abs(calibration.acceptance(0.85) - 0.27) < 0.05, `${calibration.acceptance(0.85)}`);
    assert.ok(Math.abs(calibration.acceptance(0.4) - 0.4) < 1e-9, "other confidences are unaffected");
    assert.ok(Math.abs(calibration.meanAcceptance - 0.29) < 0.05, `${calibration.meanAcceptance}`);
  });

  it("accepts the confidences 0 and 1", () => {
    const calibration = new ConfidenceCalibration();
    calibration.record(1, true);
    calibration.record(0, false);
    assert.equal(calibration.acceptance(1), 1);
    assert.equal(calibration.acceptance(0), 0);
  });
});
