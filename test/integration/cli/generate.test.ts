import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Output } from "../../../src/cli/output";
import { ProgressLine } from "../../../src/cli/progress";
import edge from "../../fixtures/oracle/edge.json";
import tinygrad from "../../fixtures/oracle/tinygrad_sampling.json";
import { writeSafetensorsModel } from "../../fixtures/safetensorsWriter";
import { exit, type Generated, gpt2, json, start } from "./support";

describe("command line: generate", () => {
  let folder = "";
  let tiny = "";
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gpt2-cli-"));
    tiny = path.join(folder, "gpt2-tiny");
    await writeSafetensorsModel(tiny, "gpt2-tiny");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const generated = async (line: string, more: readonly string[] = [], environment: Record<string, string> = {}) =>
    json(
      await gpt2(["generate", ...line.split(" "), ...more, "--model", tiny, "--json"], undefined, environment),
    ) as Generated;

  it("writes what tinygrad writes with the same seed and temperature", async () => {
    const { tokens } = await generated(
      "--tokens 15496,13 --count 16 --seed 1337 --temperature 0.8 --rng tinygrad --precision f32",
    );
    assert.deepEqual(tokens, [tinygrad.cases["seed1337_T0.8"].tokens]);
  });

  it("begins without a prompt as tinygrad does", async () => {
    const line = "--count 10 --temperature 0 --empty-prompt tinygrad --precision f32 --tokens";
    const { tokens, promptTokens } = await generated(line, [""]);
    assert.deepEqual([tokens, promptTokens], [[edge["empty_prompt_temp0_gpt2-tiny"].tokens], []]);
  });

  it("continues different prompts in one batch as each alone", async () => {
    const line = "--count 10 --temperature 0 --precision int8 --tokens 15496,13";
    const both = await generated(`${line} --tokens 464,3290`);
    assert.deepEqual(both.promptTokens, [edge.batch.p1, edge.batch.p2]);
    const second = await generated("--count 10 --temperature 0 --tokens 464,3290");
    assert.deepEqual(both.tokens, [(await generated(line)).tokens[0], second.tokens[0]]);
  });

  it("keeps to an expression or a schema, from the command line or a file", async () => {
    const regex = await generated("--prompt a --count 30 --regex", ["\\d{2}-[A-F]{3}"]);
    assert.match(regex.texts[0] ?? "", /^\d{2}-[A-F]{3}$/);
    const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };
    const file = path.join(folder, "schema.json");
    await writeFile(file, JSON.stringify(schema));
    for (const source of [JSON.stringify(schema), file]) {
      const { texts, finish } = await generated("--prompt a --count 40 --json-schema", [source]);
      assert.equal(typeof (JSON.parse(texts[0] ?? "") as { ok: boolean }).ok, "boolean");
      assert.deepEqual(finish, ["stop"]);
    }
    const { code, stderr } = await gpt2(["generate", "--prompt", "a", "--json-schema", "{", "--model", tiny]);
    assert.equal(code, 1);
    assert.match(stderr, /^gpt2: The JSON schema is not JSON/);
  });

  it("stops at a token or text, and says when the context is full", async () => {
    const greedy = "--tokens 15496,13 --temperature 0 --count 10 --precision f32";
    const all = (await generated(greedy)).tokens[0] ?? [];
    const stopped = await generated(`${greedy} --stop-tokens ${all[3]}`);
    assert.deepEqual([stopped.tokens, stopped.finish], [[all.slice(0, 3)], ["stop"]]);
    const args = ["generate", ..."--tokens 15496,13 --count 50 --context-end stop --no-show --model".split(" "), tiny];
    const { code, stdout, stderr } = await gpt2(args, undefined, { MAX_CONTEXT: "20" });
    assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
    assert.equal(stderr, "gpt2: 1 of 1 text(s) ended because the context is full.\n");
  });

  it("rounds the weights to half precision", async () => {
    const greedy = "--tokens 15496,13 --temperature 0 --count 5 --precision f32 --logprobs 1";
    interface WithChoices extends Generated {
      readonly choices: readonly (readonly { readonly token: number; readonly logProbability: number }[])[];
    }
    const full = (await generated(greedy)) as WithChoices;
    const half = (await generated(greedy, [], { HALF: "1" })) as WithChoices;
    const [a = NaN, b = NaN] = [full, half].map(({ choices }) => choices[0]?.[0]?.logProbability);
    assert.ok(a !== b && Math.abs(a - b) < 0.05, `${a} and ${b}`);
    assert.deepEqual(
      full.choices[0]?.map(({ token }) => token),
      full.tokens[0],
    );
  });

  it("searches with beams", async () => {
    const line = "--tokens 15496,13 --count 6 --beams 4 --batch-size 2";
    const { tokens, scores } = (await generated(line)) as Generated & { readonly scores: readonly number[] };
    assert.equal(tokens.length, 2);
    assert.ok((scores[0] ?? NaN) >= (scores[1] ?? NaN));
  });

  it("prints the loss of a text", async () => {
    const file = path.join(folder, "text.txt");
    await writeFile(file, "Hello. Hello. ".repeat(30));
    const { tokens, perplexity, lossPerToken } = (await generated("--perplexity", [file])) as unknown as Record<
      string,
      number
    >;
    assert.ok((tokens ?? 0) > 100 && Math.abs(Math.log(perplexity ?? NaN) - (lossPerToken ?? NaN)) < 1e-9);
    const plain = await gpt2(["generate", "--perplexity", file, "--model", tiny]);
    assert.match(
      plain.stdout,
      /^tokens +\d+\nloss per token +[\d.]+ nats\nperplexity +[\d.]+\nbits per byte +[\d.]+\n$/,
    );
  });

  it("measures speed with random prompts", async () => {
    const speeds = (await generated("--benchmark 16 --count 4 --batch-size 2")) as unknown as Record<string, number>;
    assert.ok((speeds["prefillTokensPerSecond"] ?? 0) > 0 && (speeds["decodeTokensPerSecond"] ?? 0) > 0);
    const plain = await gpt2(["generate", "--benchmark", "8", "--count", "2", "--model", tiny]);
    assert.match(plain.stdout, /^prefill +[\d.]+ tokens\/s\ndecode +[\d.]+ tokens\/s\n$/);
    const beyond = ["--max-context", "100000", "--threads", "99"];
    const { code, stdout, stderr } = await gpt2(["generate", "--benchmark", "99999", ...beyond, "--model", tiny]);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(
      stderr,
      /^gpt2: --threads 99 .*\ngpt2: --max-context 100000 .*\ngpt2: --benchmark 99999 and --count 100 do not fit .*\n$/,
    );
  });

  it("ends quietly when nobody reads its output any more", async () => {
    const child = start(["generate", "--tokens", "15496,13", "--count", "100000", "--model", tiny]);
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (part: string) => (errors += part));
    child.stdout.once("data", () => child.stdout.destroy());
    assert.deepEqual([await exit(child), errors], [0, ""]);
  });
});

describe("the progress line", () => {
  function noted(stdout: boolean, stderr: boolean, streams: boolean): string {
    let text = "";
    const output: Output = {
      text: () => undefined,
      json: () => undefined,
      note: (message) => void (text += message),
      isTerminal: { stdout, stderr },
    };
    using progress = new ProgressLine(output, streams);
    progress.token(10);
    progress[Symbol.dispose]();
    return text;
  }

  it("is shown on a terminal and cleared at the end", () => {
    assert.match(noted(false, true, true), /^\r1 of 10 tokens, [\d.]+ tokens\/s\r +\r$/);
    assert.match(noted(true, true, false), /^\r1 of 10 tokens/);
  });

  it("is not shown in a file, nor among a text that is streamed to the same terminal", () => {
    assert.equal(noted(true, false, false), "");
    assert.equal(noted(true, true, true), "");
  });
});
