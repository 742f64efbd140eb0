import assert from "node:assert/strict";
import { catalog, catalogModel, licenseAddress, licenseName } from "../../../src/hub/catalog";
import { estimateMemory, fitOf, parameterCount } from "../../../src/hub/memory";
import { parseReference } from "../../../src/hub/repository";

const GB = 1e9;

describe("the catalog of models", () => {
  it("names each model once, with a license that can be read, and hashes only for a fixed commit", () => {
    assert.equal(new Set(catalog.map(({ repository }) => repository)).size, catalog.length);
    for (const model of catalog) {
      assert.deepEqual(parseReference(model.repository), { repository: model.repository });
      assert.notEqual(licenseName(model.license), model.license);
      assert.match(licenseAddress(model.license, ""), /^https:/);
      if (model.sha256.size > 0) assert.match(model.revision ?? "", /^[0-9a-f]{40}$/);
      for (const hash of model.sha256.values()) assert.match(hash, /^[0-9a-f]{64}$/);
    }
    assert.equal(licenseName("other"), "other");
    assert.equal(licenseAddress("other", "https://page.test"), "https://page.test");
  });

  it("has the sizes of the published models", () => {
    const published = {
      "openai-community/gpt2": 124439808,
      "openai-community/gpt2-medium": 354823168,
      "openai-community/gpt2-large": 774030080,
      "openai-community/gpt2-xl": 1557611200,
    };
    for (const [repository, parameters] of Object.entries(published)) {
      const model = catalogModel(repository);
      assert.ok(model);
      assert.equal(parameterCount(model.config), parameters);
      // 32-bit floats, with the masks of attention in the published files.
      assert.ok(model.bytes > 4 * parameters && model.bytes < 4.5 * parameters, repository);
    }
  });
});

describe("what fits a machine", () => {
  const fit = (repository: string, precision: "int8" | "f32", machine: number | undefined) => {
    const model = catalogModel(repository);
    assert.ok(model);
    return fitOf(estimateMemory(model.config, precision), machine);
  };

  it("depends on the machine and on the precision", () => {
    assert.equal(fit("openai-community/gpt2", "int8", 8 * GB), "fits");
    assert.equal(fit("openai-community/gpt2-xl", "int8", 16 * GB), "fits");
    assert.equal(fit("openai-community/gpt2-xl", "int8", 4 * GB), "tight");
    assert.equal(fit("openai-community/gpt2-xl", "int8", 2 * GB), "exceedsMachine");
    assert.equal(fit("openai-community/gpt2-xl", "f32", 64 * GB), "fits");
    assert.equal(fit("openai-community/gpt2-xl", "f32", 16 * GB), "tight");
    assert.equal(fit("openai-community/gpt2-medium", "f32", undefined), "fits");
  });
});
