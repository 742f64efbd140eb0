import assert from "node:assert/strict";
import type { EngineClient } from "../../../src/engine/client";
import { DrafterFactory } from "../../../src/generation/speculative/drafterFactory";
import { readOtherTexts } from "../../../src/generation/speculative/otherTexts";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { bundledModel, engineInThread } from "../../fixtures/engine";
import { greedy } from "../generation/fakes";

const line = "export const shippingAddressValidator = createValidator(shippingAddressSchema, { strict: true });\n";

describe("the texts of other documents", () => {
  it("are drafted from, and change nothing in what is written", async () => {
    const write = async (engine: EngineClient, texts: readonly string[]) => {
      await engine.describe();
      await engine.otherTexts(texts);
      const prompt = { header: "", prefix: "const other = 1;\nexport const shippingAddress", suffix: "" };
      return engine.complete({ prompt, stop: "none", maxTokens: 12, sampling: greedy, healing: false });
    };
    await using alone = engineInThread(bundledModel());
    const plain = await write(alone, []);
    // What the model will write stands in another document.
    await using informed = engineInThread(bundledModel());
    const drafted = await write(informed, [line, `export const shippingAddress${plain.text}`]);
    assert.deepEqual(drafted.tokens, plain.tokens);
    assert.ok(
      drafted.timings.acceptedTokens > plain.timings.acceptedTokens,
      `${drafted.timings.acceptedTokens} accepted`,
    );
  });

  it("do not start the engine", async () => {
    await using engine = engineInThread(bundledModel());
    await engine.otherTexts([line]);
    assert.equal(engine.state.kind, "idle");
  });

  it("are read with pauses, and unchanged when that is cancelled", async () => {
    const tokenizer = tokenizerFor({ tokenizer: undefined, vocabSize: 50_284 });
    const drafters = new DrafterFactory();
    const taken: (readonly (readonly number[])[])[] = [];
    drafters.setOthers = (texts) => void taken.push(texts);
    let pauses = 0;
    const signal = { aborted: false };
    const pause = () => {
      pauses++;
      return Promise.resolve();
    };
    await readOtherTexts({ tokenizer, drafters }, [line.repeat(50), "let x"], { signal, pause });
    assert.ok(pauses > 2, `${pauses} pauses`);
    assert.deepEqual(taken, [[tokenizer.encode(line.repeat(50)), tokenizer.encode("let x")]]);
    signal.aborted = true;
    await readOtherTexts({ tokenizer, drafters }, [line.repeat(50)], { signal, pause });
    assert.equal(taken.length, 1);
  });
});
