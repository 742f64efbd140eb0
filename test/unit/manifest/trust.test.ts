import assert from "node:assert/strict";
import manifest from "../../../package.json";

describe("an untrusted workspace", () => {
  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  const { properties } = manifest.contributes.configuration;

  it("can set no model, and no hub that models come from", () => {
    const names = Object.keys(properties).filter((name) => /model|endpoint/i.test(name));
    assert.ok(names.includes("gpt2.model") && names.includes("gpt2.models.endpoint"));
    for (const name of names) assert.ok(restrictedConfigurations.includes(name), name);
  });

  it("cannot name the hub even when it is trusted: that is a setting of the machine", () => {
    assert.equal(properties["gpt2.models.endpoint"].scope, "machine");
  });
});
