import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { generationContext } from "../../../src/generation/context";
import { AnswerFile } from "../../eval/answers";
import { cursorIn, requestIn } from "../../eval/complete";
import { FakeModel, FakeTokenizer, saying } from "../generation/fakes";

describe("the answers of a model that are kept", () => {
  const cursor = cursorIn({ file: { repo: "r", path: "a.ts", lang: "typescript", text: "" } }, "let a = f(", "");
  const request = requestIn(cursor);
  const model = () =>
    generationContext(new FakeModel(200, saying("1);\nlet b;\n", "// a.ts\nlet a = f(")), new FakeTokenizer());
  const fail = () =>
    generationContext(new FakeModel(200, () => assert.fail("The model is asked again.")), new FakeTokenizer());
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gpt2-eval-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("are computed once, and read by the next run", async () => {
    const file = path.join(folder, "answers.jsonl");
    const lines = ["1);", "2);"];
    const first = (await AnswerFile.open(file)).of("a", model);
    const text = await first.text(request, cursor);
    const scores = await first.scores({ ...request, lines });
    assert.equal(scores.length, 2);
    await appendFile(file, '{"key": "cut');
    const again = (await AnswerFile.open(file)).of("a", fail);
    assert.equal(await again.text(request, cursor), text);
    assert.deepEqual(await again.scores({ ...request, lines: [...lines].reverse() }), [...scores].reverse());
  });

  it("are no other model's, and no other line's", async () => {
    const file = await AnswerFile.open(path.join(folder, "answers.jsonl"));
    await file.of("a", model).text(request, cursor);
    await assert.rejects(file.of("b", fail).text(request, cursor), /asked again/);
    await assert.rejects(file.of("a", fail).scores({ ...request, lines: ["3"] }), /asked again/);
  });
});
