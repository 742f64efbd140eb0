import assert from "node:assert/strict";
import { fitChoice } from "../../eval/ranker/choice";
import { seededRandom } from "../../../src/generation/sampling/random";

describe("fitting a choice", () => {
  it("finds the weights that made the choices", () => {
    const random = seededRandom(3);
    const weights = [1.5, -0.8, 0];
    const choices = Array.from({ length: 4000 }, () => {
      const rows = Array.from({ length: 5 }, () => weights.map(() => 2 * random() - 1));
      // The largest sum of utility and Gumbel noise is a draw from the softmax.
      const utilities = rows.map((row) => {
        return row.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0) - Math.log(-Math.log(random()));
      });
      const best = utilities.indexOf(Math.max(...utilities));
      return rows.map((features, i) => ({ features, right: i === best }));
    });
    fitChoice(choices).forEach((weight, i) => assert.ok(Math.abs(weight - (weights[i] ?? 0)) < 0.15, `${weight}`));
  });

  it("learns nothing from choices without a right one", () => {
    assert.throws(() => fitChoice([[{ features: [1], right: false }]]), RangeError);
  });

  it("stays finite where a feature tells all", () => {
    const choices = Array.from({ length: 20 }, () => [
      { features: [1, 0], right: true },
      { features: [0, 0], right: false },
    ]);
    const [weight = NaN, other = NaN] = fitChoice(choices);
    assert.ok(weight > 1 && Number.isFinite(weight) && other === 0);
  });
});
