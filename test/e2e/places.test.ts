import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { SAMPLE } from "../harness/sampleWorkspace";
import { Session } from "./session";

/** A notebook with these cells of Python. */
function notebook(cells: readonly string[]): string {
  return JSON.stringify({
    cells: cells.map((source) => ({
      cell_type: "code",
      execution_count: null,
      metadata: {},
      outputs: [],
      source: source.split(/(?<=\n)/),
    })),
    metadata: { language_info: { name: "python" } },
    nbformat: 4,
    nbformat_minor: 5,
  });
}

/** Adds a notebook and a second folder to the workspace. */
async function addFolder(folder: string): Promise<string> {
  const parent = path.dirname(folder);
  await mkdir(path.join(parent, "other"));
  await writeFile(
    path.join(parent, "other", "customers.ipynb"),
    notebook([
      "customer_addresses = load_addresses()\nprint(customer_addresses)",
      "print(len(customer_addresses))\nprint(customer_a",
    ]),
  );
  await writeFile(
    path.join(parent, "other", "basket.ts"),
    "export class Basket {\n  private readonly items: Item[] = [];\n\n}\n",
  );
  const python = [
    "class Basket:",
    "    items = []",
    "",
    "    def count(self):",
    "        return len(self.items)",
    "",
    "    def size(self):",
  ];
  await writeFile(
    path.join(parent, "other", "basket.py"),
    [...python, "        # Counts the items.", "", ""].join("\n"),
  );
  const file = path.join(parent, "both.code-workspace");
  await writeFile(file, JSON.stringify({ folders: [{ path: path.basename(folder) }, { path: "other" }] }));
  return file;
}

describe("suggestions in a workspace with two folders", () => {
  let session: Session;
  before(async () => {
    // Without the value that the other tests have: what is tested is the extension's default.
    const settings = { "editor.quickSuggestions": undefined };
    session = await Session.start("places", { settings, open: addFolder });
  });
  after(() => session[Symbol.asyncDispose]());
  afterEach(() => session.workbench.command("View: Revert and Close Editor"));

  it("come in a file of the second one", async () => {
    const { workbench } = session;
    await workbench.openFile("basket.ts");
    await workbench.goTo(3);
    await workbench.type(SAMPLE.typed);
    assert.match(await workbench.waitForGhostText(), /^items\b/);
  });

  it("leave IntelliSense alone: its list opens on a word that has ghost text", async () => {
    const { workbench } = session;
    await workbench.openFile("basket.py");
    await workbench.goTo(9);
    await workbench.type("        return len(self.");
    await workbench.waitForGhostText();
    await workbench.type("it");
    const list = workbench.page.locator(".suggest-widget.visible");
    await list.getByText("items").first().waitFor();
    await session.screenshot("beside-intellisense");
    await workbench.press("Tab");
    await list.waitFor({ state: "hidden" });
  });

  it("come in a notebook's cell from the cell above", async () => {
    const { workbench } = session;
    const { page } = workbench;
    await page.keyboard.press("ControlOrMeta+P");
    await page.locator(".quick-input-widget input").fill("customers.ipynb");
    await workbench.quickPickRow("customers.ipynb").click();
    const cells = page.locator(".notebookOverlay .monaco-editor .view-lines");
    await cells.nth(1).click();
    await workbench.press("ControlOrMeta+End");
    // Slowly: an editor that was just opened may take 5 s until it asks for completions.
    await workbench.type("ddre", 500);
    const text = await workbench.waitForGhostText();
    await session.screenshot("notebook");
    assert.match(text, /^sses/);
  });
});
