import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelFileError } from "../../../src/formats/errors";
import { nodeModelFiles } from "../../../src/formats/nodeFiles";

describe("nodeModelFiles", () => {
  it("says what cannot be opened", async () => {
    await assert.rejects(nodeModelFiles("/no/such/model.gguf"), (error: unknown) => {
      assert.ok(error instanceof ModelFileError);
      assert.match(error.message, /There is no \/no\/such\/model.gguf/);
      return true;
    });
    const files = await nodeModelFiles("models/gpt2-code-mini");
    await assert.rejects(files.open("other.gguf"), /gpt2-code-mini has no file other.gguf/);
    await assert.rejects(files.open("../../package.json"), ModelFileError);
  });

  // Windows has no named pipes in its file system.
  const itWithPipes = process.platform === "win32" ? () => undefined : it;
  itWithPipes("does not wait for a pipe", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pipe-"));
    try {
      execFileSync("mkfifo", [join(folder, "x.gguf")]);
      const files = await nodeModelFiles(join(folder, "x.gguf"));
      await assert.rejects(files.open("x.gguf"), /x.gguf is not a regular file but a pipe/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("reads ranges until it is closed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "source-"));
    try {
      await writeFile(join(folder, "x.gguf"), Uint8Array.of(1, 2, 3, 4));
      const files = await nodeModelFiles(join(folder, "x.gguf"));
      assert.deepEqual(files.names, ["x.gguf"]);
      const source = await files.open("x.gguf");
      assert.equal(source.size, 4);
      assert.deepEqual(await source.read(1, 2), Uint8Array.of(2, 3));
      await assert.rejects(source.read(3, 2), /x.gguf is cut short: it has 4 bytes, and bytes 3 to 5 are needed/);
      await writeFile(join(folder, "x.gguf"), Uint8Array.of(1));
      await assert.rejects(source.read(1, 2), /cut short/);
      await source[Symbol.asyncDispose]();
      await assert.rejects(source.read(0, 1), ModelFileError);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
