import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readSettings } from "../../../../src/completion/core/settings";
import { languageEnabled } from "../../../../src/completion/core/trigger";

interface Manifest {
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, Property>> };
  };
}

interface Property {
  readonly default: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
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

  const read = (key: string, value: unknown): unknown => {
    const all = readSettings({ get: (asked, fallback) => (asked === key ? (value as never) : fallback) });
    return Object.entries(all).find(([name]) => name === key)?.[1];
  };

  it("are the default where a value is of another kind", () => {
    for (const [key, value] of [
      ...([
        ["enabled", "no"],
        ["strings", 1],
        ["multiline", "maybe"],
        ["eagerness", "bold"],
      ] as const),
      ...([
        ["maxTokens", "x"],
        ["maxTokens", NaN],
        ["temperature", "hot"],
        ["languages", null],
        ["languages", []],
      ] as const),
    ]) {
      assert.deepEqual(read(key, value), read(key, properties[`gpt2.inlineCompletions.${key}`]?.default), key);
    }
    assert.deepEqual(read("languages", { typescript: true, python: "yes" }), { typescript: true });
  });

  it("are the nearest number that package.json allows", () => {
    for (const key of ["delay", "maxTokens", "temperature"]) {
      const { minimum, maximum } = properties[`gpt2.inlineCompletions.${key}`] ?? {};
      assert.deepEqual([read(key, -1e9), read(key, 1e9)], [minimum, maximum], key);
    }
    assert.equal(read("maxTokens", 9.6), 10);
    assert.equal(read("temperature", 0.6), 0.6);
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
