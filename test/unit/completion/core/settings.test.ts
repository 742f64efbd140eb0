import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readSettings } from "../../../../src/completion/core/settings";
import { languageEnabled } from "../../../../src/completion/core/trigger";

interface Manifest {
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
  };
}

describe("completion settings", () => {
  const settings = readSettings({ get: (_key, fallback) => fallback });
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
  const { properties } = manifest.contributes.configuration;

  it("fall back to the defaults of package.json", () => {
    readSettings({
      get: (key, fallback) => {
        assert.deepEqual(fallback, properties[`gpt2.inlineCompletions.${key}`]?.default, key);
        return fallback;
      },
    });
  });

  it("have an adaptive delay unless it is a number", () => {
    for (const [value, delay] of [
      [null, "adaptive"],
      ["soon", "adaptive"],
      [0, 0],
      [80, 80],
    ] as const) {
      const { delay: read } = readSettings({ get: (key, fallback) => (key === "delay" ? (value as never) : fallback) });
      assert.equal(read, delay);
    }
  });

  it("show ghost text in code, not in prose, configuration or data", () => {
    for (const languageId of ["typescript", "javascriptreact", "python", "go", "rust", "vue"]) {
      assert.ok(languageEnabled(settings.languages, languageId), languageId);
    }
    const silent = [
      "plaintext",
      "markdown",
      "dockerfile",
      "yaml",
      "json",
      "properties",
      "log",
      "scminput",
      "search-result",
    ];
    for (const languageId of silent) assert.ok(!languageEnabled(settings.languages, languageId), languageId);
  });
});
