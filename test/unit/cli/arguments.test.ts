import assert from "node:assert/strict";
import { type CommandName, commandOptions, parseCommand } from "../../../src/cli/arguments";
import { help } from "../../../src/cli/help";
import { UsageError } from "../../../src/cli/values";

const parse = (line: string) => parseCommand(line.split(" "));
const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0 };
const defaults = {
  model: undefined,
  adapter: undefined,
  draftModel: undefined,
  backend: "auto",
  deviceMap: "auto",
  precision: "int8",
  threads: 0,
  timing: false,
  json: false,
  half: false,
  contextLimit: undefined,
};
const generateDefaults = {
  ...defaults,
  kind: "generate",
  count: 100,
  batchSize: 1,
  beams: undefined,
  rng: "mulberry32",
  emptyPrompt: "end-of-text",
  stops: { strings: [], endOfText: "stop", contextEnd: "move" },
  regex: undefined,
  jsonSchema: undefined,
  logProbabilities: undefined,
  show: true,
};
const write = (...prompts: readonly (string | readonly number[])[]) => ({ kind: "write", prompts });

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
        workspace: undefined,
        eagerness: undefined,
        explain: false,
        sampling: greedy,
      },
    });
    const more = "--language python --temperature .5 --workspace src --eagerness shy --explain";
    assert.deepEqual(parse(`complete --json C:\\a.py:1:1 --max-tokens 8 ${more}`), {
      ...{ ...defaults, kind: "complete", file: "C:\\a.py", line: 1, column: 1, maxTokens: 8, language: "python" },
      ...{ workspace: "src", eagerness: "shy", explain: true },
      ...{ json: true, sampling: { ...greedy, temperature: 0.5 } },
    });
  });

  it("reads generate", () => {
    assert.deepEqual(parse("generate --tokens 15496,13 --count 40 --temperature 0 --seed 7 --precision f32 --timing"), {
      ...{ ...generateDefaults, task: write([15496, 13]), count: 40, precision: "f32" },
      ...{ timing: true, sampling: { ...greedy, seed: 7 } },
    });
    assert.deepEqual(
      parse(
        "generate --prompt Hello. --model m.gguf --draft-model s.gguf --threads 2 --top-k 40 --top-p 0.95 --batch-size 3",
      ),
      {
        ...{ ...generateDefaults, task: write("Hello."), batchSize: 3 },
        ...{ model: "m.gguf", draftModel: "s.gguf", threads: 2 },
        sampling: { temperature: 0.8, topK: 40, topP: 0.95, seed: 0 },
      },
    );
  });

  it("reads every way to sample", () => {
    const line =
      "generate --prompt a --min-p .05 --typical-p 0.9 --mirostat 5 --frequency-penalty=-0.5 --presence-penalty 1 " +
      "--repetition-penalty 1.2 --dry 0.8 --dry-allowed-length 3 --logit-bias 5=-2.5 --logit-bias 6=1e1 --allow-tokens 5,6,7 " +
      "--forbid-tokens 7";
    const command = parse(line);
    assert.ok(command.kind === "generate");
    assert.deepEqual(command.sampling, {
      ...{ temperature: 0.8, topK: 0, topP: 1, seed: 0, minP: 0.05, typicalP: 0.9, mirostat: { tau: 5, eta: 0.1 } },
      ...{ frequencyPenalty: -0.5, presencePenalty: 1, repetitionPenalty: 1.2 },
      dry: { multiplier: 0.8, base: 1.75, allowedLength: 3, breakers: ["\n", ":", '"', "*"] },
      logitBias: [
        { token: 5, bias: -2.5 },
        { token: 6, bias: 10 },
      ],
      ...{ allowedTokens: [5, 6, 7], forbiddenTokens: [7] },
    });
  });

  it("reads when to stop, what to match and what to show", () => {
    const line =
      "generate --prompt a --prompt b --tokens 1 --stop END --stop . --stop-tokens 3 --max-time 1.5 --ignore-end-of-text " +
      "--context-end stop --regex a+ --rng tinygrad --empty-prompt tinygrad --no-show --json --logprobs 3";
    const { sampling, ...command } = parse(line) as unknown as Record<string, unknown>;
    assert.deepEqual(sampling, { ...greedy, temperature: 0.8 });
    assert.deepEqual(command, {
      ...generateDefaults,
      task: write("a", "b", [1]),
      stops: { strings: ["END", "."], tokens: [3], maxMs: 1500, endOfText: "write", contextEnd: "stop" },
      ...{ regex: "a+", rng: "tinygrad", emptyPrompt: "tinygrad", show: false, json: true, logProbabilities: 3 },
    });
    const beams = parse("generate --prompt a --beams 4 --batch-size 2 --length-penalty=-1 --json-schema s.json");
    assert.ok(beams.kind === "generate" && beams.jsonSchema === "s.json");
    assert.deepEqual(beams.beams, { count: 4, lengthPenalty: -1 });
  });

  it("reads what to measure in place of a prompt", () => {
    const benchmark = parse("generate --benchmark 64");
    assert.ok(benchmark.kind === "generate");
    assert.deepEqual(benchmark.task, { kind: "benchmark", tokens: 64 });
    const perplexity = parse("generate --perplexity a.txt");
    assert.ok(perplexity.kind === "generate");
    assert.deepEqual(perplexity.task, { kind: "perplexity", file: "a.txt", contextEnd: undefined });
    const rotating = parse("generate --perplexity a.txt --context-end rotate");
    assert.ok(rotating.kind === "generate");
    assert.deepEqual(rotating.task, { kind: "perplexity", file: "a.txt", contextEnd: "rotate" });
  });

  it("reads HALF and MAX_CONTEXT from the environment, after the options", () => {
    const parsed = (line: string, environment: Record<string, string>) => {
      const command = parseCommand(line.split(" "), environment);
      assert.ok(command.kind === "generate");
      return [command.half, command.precision, command.contextLimit];
    };
    assert.deepEqual(parsed("generate --prompt a", { HALF: "1", MAX_CONTEXT: "128" }), [true, "f32", 128]);
    assert.deepEqual(parsed("generate --prompt a", { HALF: "0" }), [false, "int8", undefined]);
    assert.deepEqual(parsed("generate --prompt a --half --precision int8", {}), [true, "int8", undefined]);
    assert.deepEqual(parsed("generate --prompt a --max-context 9", { MAX_CONTEXT: "128" }), [false, "int8", 9]);
    assert.throws(() => parsed("generate --prompt a", { MAX_CONTEXT: "many" }), UsageError);
  });

  it("explains every option of a command, and no other", () => {
    for (const [name, options] of Object.entries(commandOptions)) {
      const explained = help(name as CommandName).match(/(?<=^ +)--[a-z-]+|(?<=, )--version/gm);
      assert.deepEqual(new Set(explained), new Set(Object.keys(options).map((option) => `--${option}`)), name);
    }
    assert.match(help(), /--mirostat[^]*--language/);
  });

  it("lists all commands, and for one command only how that is written", () => {
    const listed = (command?: CommandName) => help(command).match(/(?<=^ {2})[a-z]+(?= )/gm);
    assert.deepEqual(new Set(listed()), new Set(Object.keys(commandOptions)));
    for (const name of Object.keys(commandOptions)) {
      assert.deepEqual(new Set(listed(name as CommandName)), new Set([name]));
    }
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
    for (const [option, prompt] of [
      ["--prompt", ""],
      ["--tokens", []],
    ] as const) {
      const command = parseCommand(["generate", option, ""]);
      assert.ok(command.kind === "generate" && command.task.kind === "write");
      assert.deepEqual(command.task.prompts, [prompt]);
    }
  });

  it("reads checkpoints", () => {
    assert.deepEqual(
      parse(
        "checkpoints --model m.gguf --adapter a --precision f32 --tokens 15496,13 --device-map onnxruntime:1,1 --json",
      ),
      {
        ...{
          kind: "checkpoints",
          against: undefined,
          model: "m.gguf",
          adapter: "a",
          backend: "auto",
          deviceMap: "onnxruntime:1,1",
          precision: "f32",
          threads: 0,
          json: true,
        },
        ...{ prompt: undefined, tokens: [15496, 13] },
      },
    );
  });

  it("reads models, with the environment that Hugging Face's own programs know", () => {
    const list = parseCommand(["models", "list", "--folder", "/m"], {});
    assert.deepEqual(list, {
      ...{ kind: "models", action: { kind: "list" }, endpoint: new URL("https://huggingface.co"), token: undefined },
      ...{ folder: "/m", json: false },
    });
    const environment = { HF_ENDPOINT: "https://mirror.test", HF_TOKEN: " hf_x ", XDG_CACHE_HOME: "/cache" };
    const download = parseCommand(["models", "download", "a/b/c.gguf", "--accept-license", "--json"], environment);
    assert.ok(download.kind === "models");
    assert.deepEqual(download.action, {
      ...{ kind: "download", reference: { repository: "a/b", file: "c.gguf" }, acceptLicense: true },
    });
    assert.deepEqual([download.endpoint.href, download.token, download.json], ["https://mirror.test/", "hf_x", true]);
    assert.match(download.folder, /cache.gpt2-vscode.models$/);
    const other = parseCommand(["models", "delete", "a/b", "--endpoint", "http://localhost:1"], environment);
    assert.ok(other.kind === "models");
    assert.deepEqual(other.action, { kind: "delete", reference: { repository: "a/b" } });
    assert.equal(other.endpoint.host, "localhost:1");
  });

  it("reads inspect, help and version", () => {
    assert.deepEqual(parse("inspect m.gguf --json"), { kind: "inspect", path: "m.gguf", json: true });
    for (const line of ["--help", "-h", "help", "generate --help", "complete -h"])
      assert.equal(parse(line).kind, "help");
    for (const line of ["--version", "inspect --version"]) assert.equal(parse(line).kind, "version");
  });

  for (const [line, message] of [
    ["", /Unknown command “”/],
    ["bake", /Unknown command “bake”\. Commands: complete, generate, inspect, checkpoints, models\./],
    ["complete", /complete needs FILE:LINE:COL/],
    ["complete a.ts", /FILE:LINE:COL, such as/],
    ["complete a.ts:1", /FILE:LINE:COL, such as/],
    ["complete a.ts:1:1 b.ts:1:1", /Unexpected argument “b\.ts:1:1”: complete takes one FILE:LINE:COL/],
    ["generate", /--prompt TEXT or --tokens/],
    ["generate --prompt a --perplexity f", /only one of/],
    ["generate --prompt a --regex b --json-schema c", /either --regex or --json-schema/],
    ["generate --prompt a --beams 2 --batch-size 3", /--batch-size must not be more than --beams/],
    ["generate --prompt a --prompt b --beams 2", /--beams takes one prompt/],
    ["generate --prompt a --logprobs 2", /--logprobs needs --json/],
    ["generate --prompt a --logit-bias 5", /--logit-bias must be ID=BIAS/],
    ["generate --prompt a --logit-bias 5=x", /--logit-bias must be a number, not “x”/],
    ["generate --prompt a --mirostat 1,2,3", /--mirostat must be TAU or TAU,ETA/],
    ["generate --prompt a --rng dice", /--rng must be mulberry32 or tinygrad/],
    ["generate --prompt a --max-context 0", /--max-context must be an integer of at least 1/],
    ["complete a.ts:1:1 --regex b", /--regex/],
    ["generate --prompt two words", /Unexpected argument “words”\. Quote/],
    ["generate --tokens 1,x", /list of ids/],
    ["generate --prompt a --count many", /--count must be an integer of at least 0, not “many”/],
    ["generate --prompt a --batch-size 100000", /^--batch-size 100000 makes 100000 texts, and at most 1000 .*--seed/],
    ["generate --prompt a --prompt b --batch-size 501", /^--batch-size 501 makes 1002 texts/],
    ["generate --benchmark 8 --batch-size 1001", /^--batch-size 1001 makes 1001 texts/],
    ["generate --prompt a --batch-size 0", /--batch-size must be an integer of at least 1/],
    ["generate --prompt a --temperature hot", /--temperature must be a number of at least 0/],
    ["generate --prompt a --top-p 1.5", /--top-p must be a number from 0 to 1/],
    ["generate --prompt a --precision f64", /--precision must be int8, f32, f16 or int4, not “f64”/],
    ["generate --prompt a --speed 3", /--speed/],
    ["inspect", /inspect needs PATH/],
    ["generate --prompt a --threads 100000", /--threads must be an integer from 0 to 256, not “100000”/],
    ["generate --prompt a --seed 4294967296", /--seed must be an integer from 0 to 4294967295/],
    ["checkpoints --prompt a --tokens 1", /Use either --prompt or --tokens/],
    ["checkpoints --temperature 1", /--temperature/],
    ["checkpoints model.gguf", /Unexpected argument “model\.gguf”/],
    ["models", /Write models list, models download/],
    ["models list all", /Write models list, models download/],
    ["models download", /models download needs a model/],
    ["models download gpt2", /“gpt2” is not the name of a model on the hub/],
    ["models download a/b c/d", /Write models list, models download/],
    ["models delete ../..", /is not the name of a model/],
    ["models list --endpoint mirror", /“mirror” is not the address of a model hub/],
    ["checkpoints --device-map 6:6", /--device-map: “6:6” in the device map is not understood/],
    ["checkpoints --backend cuda", /--backend must be auto, kernels, onnxruntime or webgpu, not “cuda”/],
  ] as const) {
    it(`rejects “${line}”`, () => {
      assert.throws(
        () => parse(line),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }
});
