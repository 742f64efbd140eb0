import assert from "node:assert/strict";
import { MemoryFiles } from "../../../../src/formats/memory";
import { ModelFileError } from "../../../../src/formats/errors";
import { mergedWeights } from "../../../../src/gpt2/adapters/mergedWeights";
import { openAdapter } from "../../../../src/gpt2/adapters/openAdapter";
import type { Gpt2Config } from "../../../../src/gpt2/config/config";
import { openWeights } from "../../../../src/gpt2/weights/openWeights";
import { tensorShapes } from "../../../../src/gpt2/weights/tensorShapes";
import {
  everyModule,
  ggufAdapter,
  peftConfig,
  peftContents,
  peftFiles,
  peftTensors,
  randomModules,
  type TestModule,
  weightsPlus,
} from "../../../fixtures/adapters";
import { maxDifference } from "../../../fixtures/runtime";
import { type FileTensor, oracleConfig, randomWeights } from "../../../fixtures/syntheticModel";

const gpt2: Gpt2Config = { ...oracleConfig("gpt2-tiny"), vocabSize: 130, contextLength: 40 };
const configs: Readonly<Record<string, Gpt2Config>> = {
  "GPT-2": gpt2,
  "an untied GPT-2": { ...gpt2, tiedHead: false },
  "GPT-BigCode with one key/value head": { ...oracleConfig("bigcode-tiny"), vocabSize: 130, contextLength: 40 },
  "GPT-BigCode with a key/value head per head": { ...gpt2, architecture: "gpt_bigcode" },
};
const someModules = randomModules(gpt2, ["h.0.attn.c_attn", "h.1.mlp.c_fc"]);

async function assertMerged(
  config: Gpt2Config,
  modules: readonly TestModule[],
  files: MemoryFiles,
  scale: number,
): Promise<void> {
  const weights = randomWeights(config);
  const merged = mergedWeights(weights, await openAdapter(files, config));
  const expected = weightsPlus(weights, modules, scale);
  assert.deepEqual(merged.config, expected.config);
  for (const name of tensorShapes(merged.config).keys()) {
    const difference = maxDifference(await merged.read(name), await expected.read(name));
    assert.ok(difference < 1e-7, `${name}: ${difference}`);
  }
}

describe("a LoRA adapter", () => {
  for (const [name, config] of Object.entries(configs)) {
    it(`merged into ${name} is the base plus scale·B·A in every module`, async () => {
      const modules = randomModules(config, [...everyModule(config), "wpe"]);
      await assertMerged(config, modules, peftFiles(peftTensors(modules)), 2);
    });
  }

  it("has the scale α/√r with use_rslora", async () => {
    const config = { ...peftConfig, use_rslora: true };
    await assertMerged(gpt2, someModules, peftFiles(peftTensors(someModules), config), 6 / Math.sqrt(3));
  });

  it("means the same whatever fan_in_fan_out says of the adapted layer", async () => {
    const config = { ...peftConfig, fan_in_fan_out: false };
    await assertMerged(gpt2, someModules, peftFiles(peftTensors(someModules), config), 2);
  });

  it("has other ranks and scales where rank_pattern and alpha_pattern name a module", async () => {
    const first = randomModules(gpt2, ["h.0.attn.c_attn", "h.0.attn.c_proj"], { rank: 3 });
    const second = randomModules(gpt2, ["h.1.attn.c_attn", "h.1.mlp.c_proj"], { rank: 5, seed: 2 });
    const config = {
      ...peftConfig,
      rank_pattern: { "h.1.attn.c_attn": 5, "^transformer.h.1.mlp.c_proj": 5, "^c_proj": 9, attn: 9, "1.c_attn": 9 },
      alpha_pattern: { "transformer.h.1.attn.c_attn": 10, "h.1.mlp.c_proj": 10 },
    };
    await assertMerged(gpt2, [...first, ...second], peftFiles(peftTensors([...first, ...second]), config), 2);
  });

  it("may have its own name in the tensors' names, and none before them", async () => {
    const tensors = peftTensors(someModules).map((tensor) => ({
      ...tensor,
      name: tensor.name.replace("base_model.model.transformer.", "").replace(/lora_([AB])/, "lora_$1.default"),
    }));
    await assertMerged(gpt2, someModules, peftFiles(tensors), 2);
  });

  it("opens as a GGUF file of llama.cpp", async () => {
    const modules = randomModules(gpt2, [...everyModule(gpt2).filter((module) => module !== "wte")]);
    const file = await ggufAdapter(modules, {
      "general.type": { type: "string", value: "adapter" },
      "general.architecture": { type: "string", value: "gpt2" },
      "adapter.type": { type: "string", value: "lora" },
      "adapter.lora.alpha": { type: "f32", value: 6 },
    });
    await assertMerged(gpt2, modules, new MemoryFiles("a.gguf", new Map([["a.gguf", file]])), 2);
    await assert.rejects(
      openWeights(new MemoryFiles("a.gguf", new Map([["a.gguf", file]]))),
      /it is a LoRA adapter. Open the model that it was trained on/,
    );
  });

  it("that a person opens as a model is named as one", async () => {
    await assert.rejects(
      openWeights(peftFiles(peftTensors(someModules))),
      /adapter is a LoRA adapter, which is added to a model/,
    );
  });

  describe("is refused", () => {
    const refused = async (files: MemoryFiles, message: RegExp, config = gpt2) =>
      assert.rejects(openAdapter(files, config), (error) => {
        assert.ok(error instanceof ModelFileError);
        assert.match(error.message, message);
        return true;
      });
    const tensors = peftTensors(someModules);
    const [first, ...others] = tensors as [FileTensor, ...FileTensor[]];

    const unsupported: Readonly<Record<string, [value: unknown, message: RegExp]>> = {
      peft_type: ["IA3", /its peft_type is "IA3"; only "LORA"/],
      use_dora: [true, /uses use_dora \(true\)/],
      bias: ["all", /uses bias \("all"\)/],
      lora_bias: [true, /uses lora_bias/],
      modules_to_save: [["wte", "lm_head"], /uses modules_to_save \(\["wte","lm_head"\]\)/],
      trainable_token_indices: [[1, 2], /uses trainable_token_indices/],
      layer_replication: [[[0, 2]], /uses layer_replication/],
      init_lora_weights: ["pissa_niter_4", /uses init_lora_weights \("pissa_niter_4"\)/],
      r: [0, /its r is 0, which is no rank/],
      lora_alpha: ["6", /its lora_alpha is "6", not a number/],
      rank_pattern: [{ "(a+)+$": 3 }, /its rank_pattern has the pattern "\(a\+\)\+\$"; only names/],
      alpha_pattern: [[], /its alpha_pattern is not an object/],
    };
    for (const [key, [value, message]] of Object.entries(unsupported)) {
      it(`when its config has ${key}: ${JSON.stringify(value)}`, () =>
        refused(peftFiles(tensors, { ...peftConfig, [key]: value }), message));
    }

    it("without its config", async () => {
      const contents = peftContents(tensors);
      contents.delete("adapter_config.json");
      await refused(new MemoryFiles("adapter", contents), /adapter has no adapter_config.json beside adapter_model/);
    });

    it("without its matrices", async () => {
      const contents = peftContents(tensors);
      contents.delete("adapter_model.safetensors");
      await refused(new MemoryFiles("adapter", contents), /adapter holds no LoRA adapter/);
      await refused(peftFiles([]), /it holds no LoRA matrices/);
    });

    it("with a config that is no JSON, or far too large", async () => {
      const contents = peftContents(tensors);
      contents.set("adapter_config.json", new TextEncoder().encode("{"));
      await refused(new MemoryFiles("adapter", contents), /adapter_config.json is not valid JSON/);
      contents.set("adapter_config.json", new Uint8Array(5 << 20));
      await refused(new MemoryFiles("adapter", contents), /adapter_config.json is too large/);
    });

    it("with a rank or a model that its matrices do not have", async () => {
      await refused(
        peftFiles(tensors, { ...peftConfig, r: 4 }),
        /lora_A.weight has the shape \[3, 64\].* ask for \[4, 64\]/,
      );
      await refused(peftFiles(tensors), /c_attn.lora_A.weight has the shape \[3, 64\]/, { ...gpt2, width: 128 });
      await refused(peftFiles(tensors), /it changes h.1.mlp.c_fc, which the model does not have/, {
        ...gpt2,
        layers: 1,
      });
    });

    it("with tensors that are not known", async () => {
      const odd = (name: string) => peftFiles([{ ...first, name }, ...others]);
      for (const name of [
        "base_model.model.transformer.h.0.attn.c_attn.lora_magnitude_vector",
        "base_model.model.transformer.h.0.attn.q_proj.lora_A.weight",
        "base_model.model.transformer.wte.weight",
        "base_model.model.transformer.wte.lora_A.weight",
      ]) {
        await refused(odd(name), /its tensor base_model.* is not known. LoRA matrices of c_attn, c_proj, c_fc/);
      }
    });

    it("with one matrix of two, or with two of one", async () => {
      await refused(peftFiles(others), /it lacks the A matrix of h.0.attn.c_attn/);
      await refused(
        peftFiles([...tensors, { ...first, name: first.name.replace("lora_A", "lora_A.other") }]),
        /it holds two A matrices/,
      );
    });

    it("with numbers that are not finite, also after they were scaled", async () => {
      for (const bad of [NaN, Infinity]) {
        const values = first.values.slice().fill(bad, 5, 6);
        await refused(
          peftFiles([{ ...first, values }, ...others]),
          /The adapter is damaged: .*c_attn.lora_A.* not finite/,
        );
      }
      await refused(
        peftFiles(tensors, { ...peftConfig, lora_alpha: 1e300 }),
        /with its scale 3.*e\+299, holds numbers/,
      );
    });

    it("as GGUF, when it is for another architecture or no adapter", async () => {
      const open = async (metadata: Readonly<Record<string, string>>, modules = someModules) => {
        const typed = Object.entries(metadata).map(([key, value]) => [key, { type: "string", value }] as const);
        const file = await ggufAdapter(modules, Object.fromEntries(typed));
        return new MemoryFiles("a.gguf", new Map([["a.gguf", file]]));
      };
      const type = { "general.type": "adapter", "adapter.type": "lora" };
      await refused(await open({ ...type, "general.architecture": "llama" }), /is for a "llama" model/);
      await refused(await open({ ...type, "adapter.type": "other" }), /is no LoRA adapter/);
      await refused(await open({ "general.architecture": "gpt2" }), /is no LoRA adapter/);
      const table = randomModules(gpt2, ["wte"]);
      await refused(
        await open({ ...type, "general.architecture": "gpt2" }, table),
        /token_embd.weight.lora_a is not known/,
      );
    });
  });
});
