import assert from "node:assert/strict";
import { completeForm, defaultForm, defaultSampling } from "../../../src/generate/form";
import { samplingOptions, stopStrings, textsRequest } from "../../../src/generate/formRequest";
import { builtInPresets, presetsWith, presetSetting } from "../../../src/generate/presets";
import { InputError } from "../../../src/generation/errors";
import { checkSampling } from "../../../src/generation/validate";

describe("the form of Generate", () => {
  it("takes over of a stored form what has the right kind, and no more", () => {
    assert.deepEqual(completeForm(undefined), defaultForm);
    assert.deepEqual(completeForm("x"), defaultForm);
    const stored = { maxTokens: "many", texts: 3, seed: 5, unknown: 1, sampling: { topK: 7, topP: null }, stops: [] };
    const expected = { ...defaultForm, texts: 3, seed: 5, sampling: { ...defaultSampling, topK: 7 } };
    assert.deepEqual(completeForm(stored), expected);
    assert.equal(completeForm({ seed: null }, { ...defaultForm, seed: 3 }).seed, null);
  });

  it("asks for what it says", () => {
    const form = { ...defaultForm, header: "// a.ts\n", prompt: "let x", texts: 3, stops: "\\n\\n\nEND" };
    const request = textsRequest({ ...form, maxSeconds: 2, contextEnd: "stop" }, 2 ** 32 - 2);
    assert.equal(request.prompt, "// a.ts\nlet x");
    assert.deepEqual(request.stops, { strings: ["\n\n", "END"], maxMs: 2000, contextEnd: "stop" });
    assert.deepEqual(
      request.samplings.map(({ seed }) => seed),
      [2 ** 32 - 2, 2 ** 32 - 1, 0],
    );
    assert.equal(request.beams, undefined);
    assert.equal(request.adapter, undefined);
    assert.equal(textsRequest({ ...form, adapter: "adapters/sql" }, 1).adapter, "adapters/sql");
    assert.deepEqual(textsRequest({ ...form, beams: 2 }, 1).samplings.length, 2);
    const regex = { kind: "regex", pattern: "a+" };
    assert.deepEqual(textsRequest({ ...form, match: "regex", pattern: "a+" }, 1).constraint, regex);
    const schema = { kind: "jsonSchema", schema: { type: "null" } };
    assert.deepEqual(textsRequest({ ...form, match: "jsonSchema", pattern: '{"type":"null"}' }, 1).constraint, schema);
    assert.equal(textsRequest({ ...form, match: "nothing", pattern: " " }, 1).constraint, undefined);
    assert.throws(() => textsRequest({ ...form, match: "jsonSchema", pattern: "{" }, 1), InputError);
  });

  it("reads escapes in stop strings", () => {
    assert.deepEqual(stopStrings("a\\tb\n\n\\\\n\n\\x\n"), ["a\tb", "\\n", "\\x"]);
    assert.deepEqual(stopStrings(""), []);
  });

  it("leaves out what is off", () => {
    const off = { ...defaultSampling, temperature: 1, topK: 0, topP: 1 };
    assert.deepEqual(samplingOptions(off, 3), { temperature: 1, topK: 0, topP: 1, seed: 3 });
    const on = samplingOptions({ ...off, minP: 0.1, dry: 0.8, mirostat: 5, repetitionPenalty: 1.1 }, 3);
    assert.deepEqual(on.mirostat, { tau: 5, eta: 0.1 });
    assert.deepEqual([on.minP, on.repetitionPenalty, on.dry?.multiplier], [0.1, 1.1, 0.8]);
  });
});

describe("presets", () => {
  it("are all sampler settings that are allowed", () => {
    for (const sampling of Object.values(builtInPresets)) checkSampling(samplingOptions(sampling, 0), 100);
  });

  it("have those of the person after the built-in ones, without what is not as it should be", () => {
    const own = presetsWith({ Mine: { temperature: 0.5, topK: "x", other: 1 }, Wrong: 3 }).filter(({ own }) => own);
    assert.deepEqual(
      own.map(({ name, sampling }) => [name, presetSetting(sampling)]),
      [
        ["Mine", { temperature: 0.5 }],
        ["Wrong", {}],
      ],
    );
    assert.ok(presetsWith(undefined).every((preset) => !preset.own));
  });

  it("are the same after they were kept in the settings", () => {
    for (const sampling of Object.values(builtInPresets)) {
      const [read] = presetsWith({ x: presetSetting(sampling) }).filter(({ own }) => own);
      assert.deepEqual(read?.sampling, sampling);
    }
  });
});
