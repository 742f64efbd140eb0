import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Explanation } from "../../../src/cli/explanation";
import { everyModule, peftContents, peftTensors, randomModules } from "../../fixtures/adapters";
import { oracleGreedy } from "../../fixtures/oracleTensors";
import { smallVocabulary, starCoderTokens, tokenizerJsonOf } from "../../fixtures/vocabularies";
import { parseHuggingFaceConfig } from "../../../src/gpt2/config/huggingFaceConfig";
import { tensorsOf } from "../../fixtures/modelFormats";
import { safetensorsBytes, writeSafetensorsModel } from "../../fixtures/safetensorsWriter";
import { oracleConfig, randomWeights } from "../../fixtures/syntheticModel";
import { version } from "../../../package.json";
import { type Generated, gpt2, json, type Run } from "./support";

/** What `complete --explain --json` prints. */
interface Explained {
  readonly text: string;
  readonly explanation: Explanation;
}

describe("command line", () => {
  let folder = "";
  let tiny = "";
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gpt2-cli-"));
    tiny = path.join(folder, "gpt2-tiny");
    await writeSafetensorsModel(tiny, "gpt2-tiny");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("prints help and version", async () => {
    const help = await gpt2(["--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /complete FILE:LINE:COL/);
    assert.equal((await gpt2(["--version"])).stdout, `${version}\n`);
  });

  it("ends with 2 and says what is wrong with the usage", async () => {
    for (const args of [[], ["generate"], ["complete", "x.ts"], ["generate", "--prompt", "a", "--count", "-"]]) {
      const { code, stdout, stderr } = await gpt2(args);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
      assert.match(stderr, /^gpt2: .+\nSee .+--help\.\n$/);
    }
  });

  describe("generate", () => {
    it("continues tokens greedily as the reference does", async () => {
      const args = ["generate", "--tokens", "15496,13", "--count", "40", "--temperature", "0", "--precision", "f32"];
      const result = json(await gpt2([...args, "--model", tiny, "--json"])) as Generated;
      assert.deepEqual(Object.keys(result), ["model", "promptTokens", "tokens", "texts", "finish", "timings"]);
      assert.equal(result.model, "gpt2-tiny");
      assert.deepEqual(result.promptTokens, [15496, 13]);
      assert.deepEqual(result.tokens, [oracleGreedy("gpt2-tiny.short")]);
      assert.equal(result.texts.length, 1);
      assert.equal(result.timings["newTokens"], 40);
      for (const value of Object.values(result.timings)) assert.ok(value >= 0);
    });

    it("writes the same with a draft model, and notes one that cannot be used", async () => {
      const args = ["generate", "--prompt", "Hello.", "--count", "30", "--temperature", "0", "--model", tiny, "--json"];
      const plain = json(await gpt2(args)) as Generated;
      const drafted = json(await gpt2([...args, "--draft-model", tiny])) as Generated;
      assert.deepEqual(drafted.tokens, plain.tokens);
      const { code, stdout, stderr } = await gpt2([...args, "--draft-model", "models/gpt2-code-mini"]);
      assert.equal(code, 0);
      assert.deepEqual((JSON.parse(stdout) as Generated).tokens, plain.tokens);
      assert.match(stderr, /^gpt2: --draft-model is not used\. .*vocabulary is p50k_edit.*\n$/);
    });

    it("draws other texts with other seeds, and the same with the same", async () => {
      const args = ["generate", "--prompt", "Hello.", "--count", "8", "--model", tiny, "--json", "--seed"];
      const three = json(await gpt2([...args, "5", "--batch-size", "3"])) as Generated;
      const last = json(await gpt2([...args, "7"])) as Generated;
      assert.equal(new Set(three.texts).size, 3);
      assert.deepEqual(three.tokens[2], last.tokens[0]);
      assert.deepEqual(three.promptTokens, [15496, 13]);
    });

    it("writes prompt and text for a person, and the timings to stderr", async () => {
      const args = ["--prompt", "Hello.", "--count", "5", "--temperature", "0", "--model", tiny];
      const plain = await gpt2(["generate", ...args, "--timing"]);
      const { texts } = json(await gpt2(["generate", ...args, "--json"])) as Generated;
      assert.equal(plain.stdout, `Hello.${texts[0] ?? ""}\n`);
      assert.match(plain.stderr, /decode +[\d.]+ ms +5 tokens/);
    });

    it("begins a new document when the prompt is empty", async () => {
      const args = ["generate", "--prompt", "", "--count", "2", "--temperature", "0", "--model", tiny, "--json"];
      const { promptTokens, tokens } = json(await gpt2(args)) as Generated;
      assert.deepEqual(promptTokens, [50256]);
      assert.equal(tokens[0]?.length, 2);
    });

    it("stops at Ctrl-C with what it has", async () => {
      const args = ["generate", "--tokens", "15496,13", "--count", "100000", "--model", tiny];
      let interrupted = false;
      const { code, stdout, stderr } = await gpt2(args, (text, interrupt) => {
        if (text.length < 20 || interrupted) return;
        interrupted = true;
        interrupt();
      });
      assert.deepEqual({ code, stderr }, { code: 130, stderr: "" });
      assert.match(stdout, /\n$/);
    });

    it("ends with 1 for tokens that the model does not have", async () => {
      const { code, stdout, stderr } = await gpt2(["generate", "--tokens", "50257", "--model", tiny, "--json"]);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      assert.match(stderr, /^gpt2: Token id 50257 .* 0 to 50256\.\n$/);
    });

    it("prints no prompt when its request is refused", async () => {
      const args = ["generate", "--prompt", "def", "--model", tiny, "--regex", "("];
      const { code, stdout, stderr } = await gpt2(args);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      assert.match(stderr, /^gpt2: .*\n$/);
    });

    it("ends with 1 for a model that is missing or is none", async () => {
      const wrong = path.join(folder, "wrong.gguf");
      await writeFile(wrong, "not a model");
      for (const model of [path.join(folder, "absent.gguf"), wrong]) {
        const { code, stdout, stderr } = await gpt2(["generate", "--prompt", "a", "--model", model]);
        assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
        assert.match(stderr, new RegExp(`^gpt2: .*${path.basename(model)}.*\\n$`));
      }
    });
  });

  describe("complete", () => {
    it("suggests with the bundled model what the editor would", async () => {
      const file = path.join(folder, "loop.ts");
      await writeFile(file, "export function sum(values: number[]) {\n  let total = 0;\n  for (const value of \n}\n");
      const result = json(await gpt2(["complete", `${file}:3:23`, "--json"])) as { text: string; tokens: number[] };
      assert.deepEqual(Object.keys(result), ["text", "tokens", "timings"]);
      assert.ok(result.tokens.length > 0);
      assert.match(result.text, /\S/);
      const plain = await gpt2(["complete", `${file}:3:23`]);
      assert.equal(plain.stdout, `${result.text}\n`);
    });

    it("lets the lines of a folder compete with the model's own, and explains the choice", async () => {
      const workspace = path.join(folder, "workspace");
      await mkdir(workspace);
      const known = "export const zebraCrossing = paintStripes(roadSurface, 7, 'yellow');\n";
      for (const name of ["a.ts", "b.ts"]) await writeFile(path.join(workspace, name), known);
      const file = path.join(workspace, "c.ts");
      await writeFile(file, "export const zebraCrossing = \n");
      const place = [`${file}:1:30`, "--workspace", workspace];
      const { text, explanation } = json(await gpt2(["complete", ...place, "--explain", "--json"])) as Explained;
      assert.equal(text, "paintStripes(roadSurface, 7, 'yellow');");
      const [best] = explanation.lines;
      assert.equal(best?.text, text);
      assert.deepEqual(best.sources.map((source) => path.basename(source)).sort(), ["a.ts:1", "b.ts:1"]);
      assert.ok(explanation.lines.some(({ sources }) => sources.includes("model")));
      assert.equal(explanation.threshold, 0);

      const plain = await gpt2(["complete", ...place, "--explain"]);
      assert.equal(plain.stdout, `${text}\n`);
      assert.match(plain.stderr, /^probability .*\n.*paintStripes/);
    });

    it("prints nothing below the threshold of the eagerness, and says so", async () => {
      const file = path.join(folder, "unsure.ts");
      await writeFile(file, "xq zw = \n");
      const { code, stdout, stderr } = await gpt2(["complete", `${file}:1:9`, "--eagerness", "shy", "--explain"]);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "\n" });
      assert.match(stderr, /model.*\nthreshold: 45\.0 %\nNothing is shown: .* less than the threshold\.\n$/);
    });

    it("ends with 1 for a workspace that is not there", async () => {
      const file = path.join(folder, "short.ts");
      await writeFile(file, "let a = \n");
      const { code, stderr } = await gpt2(["complete", `${file}:1:9`, "--workspace", path.join(folder, "absent")]);
      assert.equal(code, 1);
      assert.match(stderr, /^gpt2: There is no folder .*absent\.\n$/);
    });

    it("ends with 1 for a place that is not there, and says which are", async () => {
      const file = path.join(folder, "short.py");
      await writeFile(file, "\ufeffx = 1\r\n");
      const at = async (place: string) => {
        const { code, stderr } = await gpt2(["complete", place]);
        assert.equal(code, 1);
        return stderr;
      };
      assert.match(await at(`${file}:3:1`), /no line 3. Its lines are 1 to 2\./);
      assert.match(await at(`${file}:1:7`), /no column 7. Its columns are 1 to 6\./);
      assert.match(await at(`${file}x:1:1`), /There is no file .*short\.pyx/);
      assert.match(await at(`${folder}:1:1`), /is a folder/);
    });
  });

  describe("checkpoints", () => {
    interface Checked {
      readonly model: string;
      readonly checkpoints: readonly {
        readonly number: number;
        readonly status: string;
        readonly maxAbsDiff: number;
      }[];
      readonly continuation: readonly number[];
    }
    const statuses = (run: Run) => (JSON.parse(run.stdout) as Checked).checkpoints.map(({ status }) => status);

    it("pass on a model, with one object on stdout and the progress on stderr", async () => {
      const run = await gpt2(["checkpoints", "--model", tiny, "--precision", "f32", "--json"]);
      assert.equal(run.code, 0);
      const result = JSON.parse(run.stdout) as Checked;
      assert.deepEqual(Object.keys(result), ["model", "backend", "precision", "checkpoints", "continuation"]);
      assert.deepEqual(
        [result.checkpoints.map(({ number }) => number), statuses(run)],
        [Array.from({ length: 12 }, (_, i) => i + 1), new Array(12).fill("passed")],
      );
      const keys = ["number", "name", "shape", "maxAbsDiff", "tolerance", "status"];
      for (const checkpoint of result.checkpoints) assert.deepEqual(Object.keys(checkpoint), keys);
      assert.deepEqual(result.continuation, oracleGreedy("gpt2-tiny.short").slice(0, 10));
      assert.match(run.stderr, /^10 %$[^]*^ 1 Layer normalization: passed$[^]*^100 %$/m);
    });

    it("take tokens or a text, and write a table for a person", async () => {
      const table = async (...prompt: string[]) => (await gpt2(["checkpoints", "--model", tiny, ...prompt])).stdout;
      const text = await table("--prompt", "Hello. Hello.");
      assert.match(text, /^12 of 12 passed\. safetensors F32, run in int8 on kernels/m);
      assert.match(text, /^Prompt `\[15496, 13, 18435, 13\]`/m);
      assert.equal(await table("--tokens", "15496,13,18435,13"), text);
    });

    it("pass with an adapter merged into the model, also where its layers are in several threads", async () => {
      const adapter = path.join(folder, "adapter");
      await mkdir(adapter);
      const config = oracleConfig("gpt2-tiny");
      const tensors = peftTensors(randomModules(config, everyModule(config), { strength: 0.02 }));
      for (const [name, bytes] of peftContents(tensors)) await writeFile(path.join(adapter, name), bytes);
      for (const more of [[], ["--device-map", "1,1"]]) {
        const args = ["checkpoints", "--model", tiny, "--adapter", adapter, "--precision", "f32", "--json", ...more];
        const run = await gpt2(args);
        assert.deepEqual([run.code, statuses(run)], [0, new Array(12).fill("passed")], run.stderr);
        const { model, continuation } = JSON.parse(run.stdout) as Checked;
        assert.equal(model, "gpt2-tiny with the adapter adapter");
        assert.notDeepEqual(continuation, oracleGreedy("gpt2-tiny.short").slice(0, 10));
      }
    });

    it("end with 1 when one fails", async () => {
      const wrong = path.join(folder, "wrong-model");
      await writeSafetensorsModel(wrong, "gpt2-tiny");
      const sampled = { checkpoint: 6, pass: "prefill", name: "h.0.mlp.c_proj", shape: [1, 64], values: [0, 0] };
      const values = { source: "nobody", tokens: [13], continuation: [1], tensors: [sampled] };
      await writeFile(path.join(wrong, "checkpoints.json"), JSON.stringify(values));
      const run = await gpt2(["checkpoints", "--model", wrong, "--json"]);
      assert.equal(run.code, 1);
      assert.deepEqual(statuses(run).slice(4, 8), ["passed", "failed", "suspect", "suspect"]);
    });

    it("end with 1 for a prompt that cannot be", async () => {
      const refused = async (...args: string[]) => {
        const { code, stdout, stderr } = await gpt2(["checkpoints", "--model", tiny, ...args]);
        assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
        return stderr;
      };
      assert.match(await refused("--tokens", "50257"), /Token id 50257/);
      assert.match(await refused("--prompt", ""), /at least one token/);
    });
  });

  it("does not count output that could not be written as success", async () => {
    if (process.platform !== "linux") return;
    const full = await open("/dev/full", "w");
    const args = ["generate", "--model", tiny, "--tokens", "15496", "--count", "1"];
    const child = spawn(process.execPath, [path.resolve("dist/cli.js"), ...args], {
      stdio: ["ignore", full.fd, "pipe"],
    });
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (part: string) => (stderr += part));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    await full.close();
    assert.equal(code, 1);
    assert.match(stderr, /^gpt2: The output could not be written: ENOSPC/);
  });

  it("ends with 1 and one sentence when the context is too short, or no backend can run the precision", async () => {
    const short = path.join(folder, "short");
    await mkdir(short);
    const shape = { vocab_size: 50257, n_positions: 1, n_embd: 8, n_layer: 1, n_head: 1 };
    const config = JSON.stringify({ model_type: "gpt2", ...shape });
    const tensors = await tensorsOf(randomWeights(parseHuggingFaceConfig(config)));
    await writeFile(path.join(short, "config.json"), config);
    await writeFile(path.join(short, "model.safetensors"), safetensorsBytes(tensors, "F16"));
    const file = path.join(folder, "short.py");
    await writeFile(file, "def f(a, b):\n");
    for (const [args, message] of [
      [["complete", `${file}:2:1`, "--model", short], /^gpt2: \d+ tokens do not fit the model's context of 1\.\n$/],
      [
        ["complete", `${file}:2:1`, "--backend", "kernels", "--precision", "f32"],
        /^gpt2: The backend kernels cannot .*\n$/,
      ],
      [["complete", `${file}:2:1`, "--device-map", "3,4"], /^gpt2: The device map counts 7 layers, .*\n$/],
    ] as const) {
      const { code, stderr } = await gpt2(args);
      assert.equal(code, 1);
      assert.match(stderr, message);
    }
  });

  it("refuses to complete files that are not text in UTF-8", async () => {
    for (const [name, bytes, message] of [
      ["wide.ts", [0xff, 0xfe, 0x61, 0], /is text in UTF-16/],
      ["binary.ts", [0x7f, 0x45, 0, 1], /is not a text file/],
      ["latin1.ts", [0x61, 0xe4, 0x62], /is not text in UTF-8/],
    ] as const) {
      const file = path.join(folder, name);
      await writeFile(file, Uint8Array.from(bytes));
      const { code, stderr } = await gpt2(["complete", `${file}:1:1`]);
      assert.equal(code, 1);
      assert.match(stderr, message);
    }
  });

  describe("a model whose vocabulary is not known", () => {
    it("runs on token ids, and refuses text saying why", async () => {
      const other = path.join(folder, "other-vocabulary");
      await writeSafetensorsModel(other, "gpt2-tiny");
      await writeFile(path.join(other, "vocab.json"), JSON.stringify({ a: 0, b: 1 }));
      const args = ["generate", "--model", other, "--count", "3", "--temperature", "0", "--precision", "f32"];
      const result = json(await gpt2([...args, "--tokens", "15496,13", "--json"])) as Generated;
      assert.deepEqual(result.tokens, [oracleGreedy("gpt2-tiny.short").slice(0, 3)]);
      const asText = await gpt2([...args, "--tokens", "15496,13"]);
      assert.equal(asText.stdout, ` ${oracleGreedy("gpt2-tiny.short").slice(0, 3).join(" ")}\n`);
      const { code, stderr } = await gpt2([...args, "--prompt", "Hello."]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /^gpt2: The model's vocabulary cannot be used: vocab.json is without merges.txt.*takes token ids but no text/,
      );
      const inspected = await gpt2(["inspect", other]);
      assert.equal(inspected.code, 0);
      assert.match(inspected.stdout, /takes token ids but no text/);
    });
  });

  describe("inspect", () => {
    it("prints a file that is no GPT-2, and why it cannot be used", async () => {
      const other = path.join(folder, "llama");
      await writeSafetensorsModel(other, "gpt2-tiny");
      await writeFile(path.join(other, "config.json"), '{"model_type": "llama"}');
      const { code, stdout } = await gpt2(["inspect", other]);
      assert.equal(code, 1);
      assert.match(stdout, /Cannot be used: config.json cannot be used: the model is a "llama"[^]*wte.weight +F32/);
    });

    it("prints config, tensors and their types", async () => {
      const model = json(await gpt2(["inspect", tiny, "--json"])) as Record<string, unknown>;
      assert.equal((model["config"] as { layers: number }).layers, 2);
      assert.equal((model["tensors"] as unknown[]).length, 28);
      assert.match(
        (await gpt2(["inspect", tiny])).stdout,
        /layers +2\n[^]*F32[^]*h\.1\.mlp\.c_fc\.weight +F32 +\[64, 256\]/,
      );
    });

    it("prints the vocabulary that a model brings", async () => {
      const own = path.join(folder, "own-vocabulary");
      await writeSafetensorsModel(own, "gpt2-tiny");
      const tokenizer = tokenizerJsonOf(smallVocabulary(), { special: starCoderTokens });
      await writeFile(path.join(own, "tokenizer.json"), JSON.stringify(tokenizer));
      assert.match(
        (await gpt2(["inspect", own])).stdout,
        /Vocabulary\n {2}name +bpe-[\da-f]{8}\n {2}tokens +996\n {2}merges +740\n[^]*fimPrefix +1 <fim_prefix>\n/,
      );
      const args = ["--model", own, "--precision", "f32", "--temperature", "0", "--count", "3", "--json"];
      const result = json(await gpt2(["generate", ...args, "--prompt", "the function"])) as Generated;
      assert.ok(result.promptTokens.every((token) => token < 1000));
    });

    it("ends with 1 where there is no model", async () => {
      const { code, stderr } = await gpt2(["inspect", path.join(folder, "nothing")]);
      assert.equal(code, 1);
      assert.match(stderr, /^gpt2: .*nothing/);
    });
  });
});
