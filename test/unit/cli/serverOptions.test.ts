import assert from "node:assert/strict";
import { parseCommand } from "../../../src/cli/arguments";
import { explain } from "../../../src/cli/explanation";
import { UsageError } from "../../../src/cli/values";

const parse = (line: string) => parseCommand(line.split(" "));
const serverOf = (line: string) => {
  const command = parse(line);
  return command.kind === "complete" || command.kind === "generate" ? command.server : assert.fail();
};

describe("the options of a server", () => {
  it("are read for complete and generate", () => {
    const line = "complete a.ts:1:1 --server http://h:1/v1 --server-kind openai --server-model m --server-timeout 9";
    const template = "auto";
    const expected = { address: "http://h:1/v1", kind: "openai", model: "m", template, timeoutMs: 9 };
    assert.deepEqual(serverOf(line), expected);
    const others = { kind: "auto", model: "", template, timeoutMs: 30_000 };
    assert.deepEqual(serverOf("generate --prompt a --server h"), { address: "h", ...others });
    assert.equal(serverOf("generate --prompt a"), undefined);
  });

  it("are refused where they make no sense", () => {
    assert.throws(() => parse("complete a.ts:1:1 --server-kind ollama"), /--server-kind needs --server URL/);
    assert.throws(() => parse("complete a.ts:1:1 --server h --model m.gguf"), /--model is for the local model/);
    assert.throws(() => parse("complete a.ts:1:1 --server h --server-kind vllm"), UsageError);
    assert.throws(() => parse("checkpoints --server h"), UsageError);
  });
});

describe("an explanation without log-probabilities", () => {
  it("says what the server lacks", () => {
    assert.match(explain(undefined, "x", false).reason ?? "", /gives no log-probabilities/);
    assert.match(explain(undefined, "x").reason ?? "", /code follows the cursor/);
  });
});
