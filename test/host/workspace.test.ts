import { spawnWorker } from "#engine-host";
import { assert } from "chai";
import * as vscode from "vscode";
import { WorkspaceTexts } from "../../src/completion/editor/workspace/workspaceTexts";
import { closeEditors, createAssets, until, withSettings, workspaceUri } from "./support";

const folder = "indexed";

const uriOf = (path: string) => vscode.Uri.joinPath(workspaceUri(), folder, path);

const write = (path: string, text: string) =>
  vscode.workspace.fs.writeFile(uriOf(path), new TextEncoder().encode(text));

describe("the index of the workspace", () => {
  let texts: WorkspaceTexts;
  const problems: string[] = [];

  before(async () => {
    await closeEditors();
    await write("one.ts", "export const one = firstCall(alpha);\n");
    await write("deep/two.ts", "export const two = secondCall(beta);\n");
    await write(".env", "export const key = secretCall(hidden);\n");
    await write(".gitignore", "generated/\n");
    await write("generated/three.ts", "export const three = generatedCall(gamma);\n");
    texts = new WorkspaceTexts({
      spawn: () => spawnWorker(createAssets(), "workspaceIndex.js", "index under test"),
      log: { debug: (message) => problems.push(message), warn: (message) => problems.push(message) },
    });
    await until("the workspace is indexed", () => texts.status.state === "ready");
  });
  after(async () => {
    await texts[Symbol.asyncDispose]();
    await closeEditors();
    await vscode.workspace.fs.delete(uriOf(""), { recursive: true });
    assert.deepEqual(problems, []);
  });

  /** What follows a text elsewhere; only matches of all of it count. */
  const restsAfter = async (prefix: string) => {
    const matches = await texts.find({ uri: "untitled:new", prefix, suffix: "", limit: 20 });
    return matches.filter(({ matchLength }) => matchLength === prefix.length).map(({ rest }) => rest);
  };
  const untilFound = async (prefix: string, rests: readonly string[]) => {
    let found: readonly string[] = [];
    const look = () => {
      void restsAfter(prefix).then((latest) => (found = latest));
      return JSON.stringify(found) === JSON.stringify(rests);
    };
    // Anything else than what is found before the first look.
    found = ["?"];
    await until(`${prefix} is followed by ${rests.join(", ") || "nothing"}`, look);
  };

  it("has the files of the workspace, without secrets and what is ignored", async () => {
    assert.deepEqual(await restsAfter(" = firstCall("), ["alpha);"]);
    assert.deepEqual(await restsAfter(" = secondCall("), ["beta);"]);
    assert.deepEqual(await restsAfter(" = secretCall("), []);
    assert.deepEqual(await restsAfter(" = generatedCall("), []);
    await until(
      "its size is known",
      () => texts.status.files >= 2 && texts.status.bytes > 0 && texts.status.memory > 0,
    );
  });

  it("follows what is typed, saved or not", async () => {
    const document = await vscode.workspace.openTextDocument(uriOf("one.ts"));
    const editor = await vscode.window.showTextDocument(document);
    await untilFound("one = firstCall(", ["alpha);"]);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "typedCall(unsaved);\n"));
    // The rules for this document may still be read; from then on, every edit counts at once.
    await untilFound("typedCall(", ["unsaved);"]);
    await editor.edit((edit) => edit.replace(new vscode.Range(0, 10, 0, 17), "replaced"));
    await untilFound("typedCall(", ["replaced);"]);
    await closeEditors();
    await untilFound("typedCall(", []);
    await untilFound("one = firstCall(", ["alpha);"]);
  });

  it("has untitled documents while they are open", async () => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: "untitledCall(1);\n" }));
    await untilFound("untitledCall(", ["1);"]);
    await closeEditors();
    await untilFound("untitledCall(", []);
  });

  it("follows files that are created, changed, renamed and deleted", async () => {
    await write("new/four.ts", "fourthCall(delta);\n");
    await untilFound("fourthCall(", ["delta);"]);
    await write("new/four.ts", "fourthCall(epsilon);\n");
    await untilFound("fourthCall(", ["epsilon);"]);
    await vscode.workspace.fs.rename(uriOf("new"), uriOf("renamed"));
    await write("renamed/five.ts", "fifthCall(zeta);\n");
    await untilFound("fifthCall(", ["zeta);"]);
    const [match] = await texts.find({ uri: "untitled:new", prefix: "fourthCall(", suffix: "", limit: 1 });
    assert.equal(match?.uri, uriOf("renamed/four.ts").toString());
    await vscode.workspace.fs.delete(uriOf("renamed"), { recursive: true });
    await untilFound("fourthCall(", []);
    await untilFound("fifthCall(", []);
  });

  it("follows hundreds of files that change at once", async () => {
    const names = Array.from({ length: 300 }, (_, i) => `many/${i}.ts`);
    await Promise.all(names.map((name) => write(name, `branchCall_${name.slice(5, -3)}(old);\n`)));
    await untilFound("branchCall_299(", ["old);"]);
    await Promise.all(names.map((name) => write(name, `branchCall_${name.slice(5, -3)}(switched);\n`)));
    for (const i of [0, 150, 299]) await untilFound(`branchCall_${i}(`, ["switched);"]);
    await vscode.workspace.fs.delete(uriOf("many"), { recursive: true });
    await untilFound("branchCall_150(", []);
  });

  it("reads anew when a .gitignore changes", async () => {
    await write(".gitignore", "one.ts\n");
    await untilFound(" = generatedCall(", ["gamma);"]);
    await untilFound(" = firstCall(", []);
    await write(".gitignore", "generated/\n");
    await untilFound(" = firstCall(", ["alpha);"]);
    await untilFound(" = generatedCall(", []);
  });

  it("is gone at once when it is switched off, and comes back", async () => {
    const undo = await withSettings({ "workspace.enabled": false });
    await until("it is off", () => texts.status.state === "off");
    assert.deepEqual(texts.status, { state: "off", files: 0, bytes: 0, memory: 0 });
    assert.deepEqual(await restsAfter(" = firstCall("), []);
    await undo();
    await untilFound(" = firstCall(", ["alpha);"]);
  });
});
