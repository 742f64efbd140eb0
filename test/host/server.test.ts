import { assert } from "chai";
import * as vscode from "vscode";
import { serverSetting } from "../fixtures/servers/settingName";
import { closeEditors, pause, withSettings } from "./support";
import { accepted, execute, open, type } from "./typing";

/** A document that was not suggested anything for before. */
const codeOf = (name: string) =>
  `export class ${name} {\n  private readonly items: string[] = [];\n\n  size(): number {\n    return this`;

/** Types a dot, and accepts what is suggested then. */
async function typeAndAccept(name: string): Promise<string> {
  const { document } = await open(codeOf(name));
  await type(".");
  const text = await accepted(document);
  await execute("workbench.action.revertAndCloseActiveEditor");
  return text;
}

describe("a server", () => {
  const url = vscode.workspace.getConfiguration().get<string>(serverSetting, "");
  const control = (behavior: string) => fetch(`${url}/control`, { method: "POST", body: JSON.stringify({ behavior }) });
  const asked = async () => ((await (await fetch(`${url}/received`)).json()) as { readonly asked: number }).asked;
  let reset: (() => Promise<void>) | undefined;

  before(async () => {
    reset = await withSettings({
      "inlineCompletions.eagerness": "eager",
      "server.timeout": 60_000,
      // A line of the workspace may be the better one.
      "workspace.enabled": false,
    });
  });
  after(() => reset?.());
  afterEach(async () => {
    await control("answer");
    await vscode.workspace.getConfiguration("gpt2").update("server.url", undefined, vscode.ConfigurationTarget.Global);
    await closeEditors();
  });
  const use = async () => {
    await vscode.workspace.getConfiguration("gpt2").update("server.url", url, vscode.ConfigurationTarget.Global);
    // The extension follows its settings a moment later, and drops what it was asked before.
    await pause(1000);
  };

  it("is asked nothing while none is set", async () => {
    const before = await asked();
    assert.match(await typeAndAccept("Cart"), /^\w+/);
    assert.equal(await asked(), before);
  });

  it("writes the ghost text once it is set", async () => {
    await use();
    assert.match(await typeAndAccept("Basket"), /^ServerAnswer\(\);/);
    assert.isAbove(await asked(), 0);
  });

  it("is replaced by the local model when it fails, and left alone", async () => {
    await control("fail");
    await use();
    const text = await typeAndAccept("Order");
    assert.match(text, /^\w+/);
    assert.notInclude(text, "ServerAnswer");
    assert.match(await typeAndAccept("Shelf"), /^\w+/);
    const failed = await asked();
    await control("answer");
    // A restart forgets the failure.
    await execute("gpt2.restartEngine");
    assert.match(await typeAndAccept("Store"), /^ServerAnswer\(\);/);
    assert.isAbove(await asked(), failed);
  });
});
