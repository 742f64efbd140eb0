import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { indexFolder } from "../../../src/cli/workspaceFolder";
import type { WorkspaceIndex } from "../../../src/completion/core/workspace/workspaceIndex";
import { InputError } from "../../../src/generation/errors";

const { signal } = new AbortController();

describe("indexFolder", () => {
  let folder = "";
  let outside = "";
  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), "gpt2-workspace-")));
    outside = await realpath(await mkdtemp(path.join(tmpdir(), "gpt2-outside-")));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await rm(outside, { recursive: true, force: true });
  });

  async function write(file: string, content: string | Uint8Array): Promise<void> {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  }

  const uriOf = (file: string) => pathToFileURL(path.resolve(folder, file)).href;
  const restsAfter = (index: WorkspaceIndex, prefix: string, file = "none.ts") =>
    index
      .findNow({ uri: uriOf(file), prefix, suffix: "", limit: 32 })
      .filter(({ matchLength }) => matchLength >= prefix.length)
      .map(({ rest }) => rest)
      .sort();

  it("takes in what a person wrote, and no ignored files, data, dependencies or secrets", async () => {
    await write("src/a.ts", "const marker = 'kept';\n");
    await write("src/crlf.ts", "const marker = 'crlf';\r\n");
    await write(".gitignore", "/build\n");
    await write("build/b.ts", "const marker = 'ignored';\n");
    await write("src/.gitignore", "local.ts\n");
    await write("src/local.ts", "const marker = 'ignored below';\n");
    await write("node_modules/m/index.js", "const marker = 'dependency';\n");
    await write(".env", "const marker = 'secret';\n");
    await write("zero.ts", "const marker = 'binary';\n\0");
    await write("large.ts", "const marker = 'large';\n".repeat(60_000));
    await writeFile(path.join(outside, "o.ts"), "const marker = 'outside';\n");
    await symlink(outside, path.join(folder, "link"));
    const { index, full } = await indexFolder(folder, { uri: uriOf("new.ts"), text: "" }, signal);
    assert.equal(full, false);
    assert.deepEqual(restsAfter(index, "const marker = "), ["'crlf';", "'kept';"]);
  });

  it("takes the text of the open file, wherever it is", async () => {
    await write("saved.ts", "let opened = 1;\n");
    const saved = await indexFolder(folder, { uri: uriOf("saved.ts"), text: "let opened = 2;\n" }, signal);
    assert.deepEqual(restsAfter(saved.index, "let opened = "), ["2;"]);
    const elsewhere = pathToFileURL(path.join(outside, "elsewhere.ts")).href;
    const added = await indexFolder(folder, { uri: elsewhere, text: "let opened = 3;\n" }, signal);
    assert.deepEqual(restsAfter(added.index, "let opened = "), ["1;", "3;"]);
    const secret = await indexFolder(folder, { uri: uriOf("x/.env"), text: "let opened = 4;\n" }, signal);
    assert.deepEqual(restsAfter(secret.index, "let opened = "), ["1;"]);
  });

  it("says that a folder is missing, or is a file", async () => {
    const open = { uri: uriOf("a.ts"), text: "" };
    await assert.rejects(indexFolder(path.join(folder, "absent"), open, signal), (error) => {
      return error instanceof InputError && /^There is no folder .*absent\.$/.test(error.message);
    });
    await write("file.ts", "");
    await assert.rejects(indexFolder(path.join(folder, "file.ts"), open, signal), /is a file, not a folder\.$/);
  });
});
