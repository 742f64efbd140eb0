import assert from "node:assert/strict";
import { parseCommand, UsageError } from "../../../src/cli/arguments";

const parse = (line: string) => parseCommand(line.split(" "));
const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const defaults = {
  model: undefined,
  draftModel: undefined,
  backend: "auto",
  precision: "int8",
  threads: 0,
  timing: false,
  json: false,
};

describe("parseCommand", () => {
  it("reads complete", () => {
    assert.deepEqual(parse("complete src/a.ts:12:5"), {
      ...defaults,
      ...{
        kind: "complete",
        file: "src/a.ts",
        line: 12,
        column: 5,
        maxTokens: 64,
        language: undefined,
        sampling: greedy,
      },
    });
    assert.deepEqual(parse("complete --json C:\\a.py:1:1 --max-tokens 8 --language python --temperature .5"), {
      ...{ ...defaults, kind: "complete", file: "C:\\a.py", line: 1, column: 1, maxTokens: 8, language: "python" },
      ...{ json: true, sampling: { ...greedy, temperature: 0.5 } },
    });
  });

  it("reads generate", () => {
    assert.deepEqual(parse("generate --tokens 15496,13 --count 40 --temperature 0 --seed 7 --precision f32 --timing"), {
      ...{ ...defaults, kind: "generate", prompt: [15496, 13], count: 40, batchSize: 1, precision: "f32" },
      ...{ timing: true, sampling: { ...greedy, seed: 7 } },
    });
    assert.deepEqual(
      parse(
        "generate --prompt Hello. --model m.gguf --draft-model s.gguf --threads 2 --top-k 40 --top-p 0.95 --batch-size 3",
      ),
      {
        ...{
          ...defaults,
          kind: "generate",
          prompt: "Hello.",
          count: 100,
          batchSize: 3,
          model: "m.gguf",
          draftModel: "s.gguf",
          threads: 2,
        },
        sampling: { temperature: 0.8, topK: 40, topP: 0.95, seed: 0 },
      },
    );
  });

  it("reads the backend for every command that runs a model", () => {
    for (const line of ["complete a.ts:1:1", "generate --prompt a", "checkpoints"]) {
      const command = parse(`${line} --backend kernels`);
      assert.ok("backend" in command && command.backend === "kernels");
    }
  });

  it("says that a command is missing", () => {
    assert.throws(() => parseCommand([]), { name: "UsageError", message: /^No command given\. Commands: complete, / });
  });

  it("takes an empty prompt for one", () => {
    for (const option of ["--prompt", "--tokens"]) {
      const command = parseCommand(["generate", option, ""]);
      assert.ok(command.kind === "generate" && command.prompt.length === 0);
    }
  });

  it("reads checkpoints", () => {
    assert.deepEqual(
      parse("checkpoints --model m.gguf --precision f32 --tokens 15496,13 --backend onnxruntime --json"),
      {
        ...{ kind: "checkpoints", model: "m.gguf", backend: "onnxruntime", precision: "f32", threads: 0, json: true },
        ...{ prompt: undefined, tokens: [15496, 13] },
      },
    );
  });

  it("reads inspect, help and version", () => {
    assert.deepEqual(parse("inspect m.gguf --json"), { kind: "inspect", path: "m.gguf", json: true });
    for (const line of ["--help", "-h", "help", "generate --help", "complete -h"])
      assert.equal(parse(line).kind, "help");
    for (const line of ["--version", "inspect --version"]) assert.equal(parse(line).kind, "version");
  });

  for (const [line, message] of [
    ["", /Unknown command “”/],
    ["bake", /Unknown command “bake”\. Commands: complete, generate, inspect, checkpoints\./],
    ["complete", /complete needs FILE:LINE:COL/],
    ["complete a.ts", /FILE:LINE:COL, such as/],
    ["complete a.ts:1", /FILE:LINE:COL, such as/],
    ["complete a.ts:1:1 b.ts:1:1", /Unexpected argument “b\.ts:1:1”: complete takes one FILE:LINE:COL/],
    ["generate", /--prompt TEXT or --tokens/],
    ["generate --prompt a --tokens 1", /Use either --prompt or --tokens/],
    ["generate --prompt two words", /Unexpected argument “words”\. Quote/],
    ["generate --tokens 1,x", /list of ids/],
    ["generate --prompt a --count many", /--count must be an integer of at least 0, not “many”/],
    ["generate --prompt a --batch-size 0", /--batch-size must be an integer of at least 1/],
    ["generate --prompt a --temperature hot", /--temperature must be a number of at least 0/],
    ["generate --prompt a --top-p 1.5", /--top-p must be a number from 0 to 1/],
    ["generate --prompt a --precision f64", /--precision must be int8 or f32, not “f64”/],
    ["generate --prompt a --speed 3", /--speed/],
    ["inspect", /inspect needs PATH/],
    ["checkpoints --prompt a --tokens 1", /Use either --prompt or --tokens/],
    ["checkpoints --temperature 1", /--temperature/],
    ["checkpoints model.gguf", /Unexpected argument “model\.gguf”/],
    ["checkpoints --backend cuda", /--backend must be auto, kernels or onnxruntime, not “cuda”/],
  ] as const) {
    it(`rejects “${line}”`, () => {
      assert.throws(
        () => parse(line),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }
});
