import { strict as assert } from "node:assert";
import { named } from "../../../../src/tokenizer/byteLevel/assemble";
import { tokenizerJson } from "../../../../src/tokenizer/byteLevel/tokenizerJson";
import { IncrementalEncoder } from "../../../../src/tokenizer/incrementalEncoder";
import { tokenizerFor } from "../../../../src/tokenizer/tokenizerFor";
import results from "../../../fixtures/oracle/tokenizers.json";
import { tokenizerCases, tokenizerTexts } from "../../../fixtures/tokenizerCases";

/** The ids that Hugging Face's tokenizers 0.23.2 gave; null where they are those of the first case. */
const expected = results as unknown as Readonly<Record<string, readonly (readonly number[] | null)[]>>;

describe("Vocabularies in tokenizer.json", () => {
  for (const [name, json] of tokenizerCases) {
    const tokenizer = () => tokenizerFor({ tokenizer: undefined, vocabSize: 1024 }, named(tokenizerJson(json, {})));

    it(`encode as Hugging Face's tokenizers do (${name})`, () => {
      const whole = tokenizer();
      for (const [i, text] of tokenizerTexts.entries()) {
        const ids = expected[name]?.[i] ?? expected["byte level"]?.[i];
        assert.deepEqual(whole.encode(text), ids, JSON.stringify(text.slice(0, 100)));
      }
    });

    it(`encode incrementally as at once (${name})`, () => {
      const whole = tokenizer();
      const encoder = new IncrementalEncoder(whole);
      for (const text of tokenizerTexts) {
        for (let cut = 0; cut <= Math.min(text.length, 60); cut++) {
          for (const edited of [text.slice(0, cut), text.slice(cut), `${text.slice(0, cut)} 7${text.slice(cut + 1)}`]) {
            assert.deepEqual(encoder.encode(edited), whole.encode(edited), JSON.stringify(edited));
          }
        }
      }
    });
  }
});
