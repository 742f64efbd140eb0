import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { readCorpus, type CorpusFile } from "../../../models/training/corpus";

describe("readCorpus", () => {
  const files: CorpusFile[] = [
    { repo: "a/b", path: "src/x.ts", lang: "typescript", text: "const separator = '\u2028';\r\n\u0000" },
    { repo: "a/b", path: "y.py", lang: "python", text: "é𝄞\n" },
  ];
  let folder = "";
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gpt2-corpus-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function corpus(name: string, text: string): Promise<string> {
    const file = path.join(folder, name);
    await writeFile(file, text);
    return file;
  }

  it("reads a line for each file, whatever the texts contain", async () => {
    const lines = files.map((file) => JSON.stringify(file)).join("\n");
    assert.deepEqual(await Array.fromAsync(readCorpus(await corpus("a.jsonl", lines))), files);
    assert.deepEqual(await Array.fromAsync(readCorpus(await corpus("b.jsonl", `${lines}\n`))), files);
  });

  it("says what is wrong with a file", async () => {
    const read = async (file: string) => Array.fromAsync(readCorpus(file));
    await assert.rejects(read(path.join(folder, "missing.jsonl")), /ENOENT/);
    await assert.rejects(
      read(await corpus("broken.jsonl.xz", "no archive")),
      /could not be unpacked: (xz ended with 1|the program xz)/,
    );
    await assert.rejects(read(await corpus("other.jsonl", '{"text":"x"}\n')), /line 1: expected an object with/);
    await assert.rejects(read(await corpus("empty.jsonl", "")), /holds no files/);
  });
});
