import assert from "node:assert/strict";
import { checkBenchmark } from "../../../src/cli/commands/benchmark";
import { notUsed } from "../../../src/cli/notUsed";
import { InputError } from "../../../src/generation/errors";
import { oracleConfig } from "../../fixtures/syntheticModel";

describe("a benchmark", () => {
  it("is refused where prompt and text do not fit the context, saying what does", () => {
    const refused = (...[tokens, count, context]: Parameters<typeof checkBenchmark>) => {
      try {
        checkBenchmark(tokens, count, context);
      } catch (error) {
        assert.ok(error instanceof InputError);
        return error.message;
      }
      return undefined;
    };
    assert.equal(refused(924, 100, 1024), undefined);
    assert.match(
      refused(925, 100, 1024) ?? "",
      /^--benchmark 925 and --count 100 do not fit .* 1024 tokens: --benchmark can be at most 924/,
    );
    assert.match(refused(1, 1024, 1024) ?? "", /^--count 1024 .* can be at most 1023\.$/);
  });
});

describe("options that ask for more than there is", () => {
  const config = oracleConfig("gpt2-tiny");
  const info = { backend: "kernels", precision: "int8", threads: 2, weightBytes: 0, loadMs: 0 } as const;
  const { contextLength } = config;

  it("are used as far as possible, and that is said", () => {
    assert.deepEqual(notUsed({ threads: 3, contextLimit: contextLength + 1 }, { config, info }), [
      "--threads 3 is more than kernels can use: it runs on 2 threads.",
      `--max-context ${contextLength + 1} is more than the model has: it uses its ${contextLength} positions.`,
    ]);
  });

  it("are not mentioned when they can be used, or are not given", () => {
    assert.deepEqual(notUsed({ threads: 2, contextLimit: contextLength }, { config, info }), []);
    assert.deepEqual(notUsed({ threads: 0, contextLimit: undefined }, { config, info }), []);
  });
});
