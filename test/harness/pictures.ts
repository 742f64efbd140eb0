/** `npm run pictures`: takes the pictures of the README and the walkthrough anew, from the packaged extension in the real VS Code. */
import path from "node:path";
import { CodeServer } from "./codeServer";
import { exitWith } from "./exit";
import { SAMPLE, SampleWorkspace } from "./sampleWorkspace";
import { packageExtension, VSIX } from "./vsix";
import { Workbench } from "./workbench";

const folder = path.resolve("media/walkthrough");
const size = { width: 1000, height: 620 };
const settings = {
  "editor.fontSize": 16,
  "workbench.activityBar.location": "hidden",
  "gpt2.generate.maxTokens": 60,
};

async function picture(workbench: Workbench, name: string): Promise<void> {
  await workbench.screenshot(path.join(folder, `${name}.png`));
  console.log(`media/walkthrough/${name}.png`);
}

async function main(): Promise<number> {
  await packageExtension();
  await using workspace = await SampleWorkspace.create();
  await using server = await CodeServer.start({ vsix: VSIX, settings });
  await using workbench = await Workbench.open(server.url(workspace.folder));
  const { page } = workbench;
  await page.setViewportSize(size);
  await workbench.statusItem.waitFor();
  await workbench.command("View: Toggle Primary Side Bar Visibility");

  await workbench.openFile(SAMPLE.file);
  await workbench.goTo(SAMPLE.line);
  await workbench.type(SAMPLE.typed);
  await workbench.waitForGhostText();
  await picture(workbench, "type");
  await workbench.command("View: Revert and Close Editor");

  await workbench.openFile(SAMPLE.file);
  // After the whole file, which is complete, the model has nothing to add.
  await workbench.goTo(21);
  await workbench.press("Control+Shift+Home");
  await workbench.command("GPT-2: Generate…");
  const form = workbench.webview();
  await form.getByLabel("Tokens", { exact: true }).fill("60");
  await form.getByLabel("Texts", { exact: true }).fill("2");
  await form.getByLabel("Texts", { exact: true }).press("Enter");
  const first = form.getByRole("article").first();
  await first.getByText(/tokens, (at its|ended)/).waitFor();
  await first.getByRole("option").nth(12).click();
  await first.getByRole("table").scrollIntoViewIfNeeded();
  await picture(workbench, "generate");
  await workbench.command("View: Close Editor");

  await workbench.openFile(SAMPLE.file);
  await workbench.command("GPT-2: Select Model…");
  await workbench.quickPickRow("Browse File…").waitFor();
  // It fades in.
  await page.waitForTimeout(500);
  await picture(workbench, "model");
  await workbench.press("Escape");

  await workbench.goTo(15, 46);
  await workbench.command("GPT-2: Open Diagnostics");
  await workbench.webview().locator("table.candidates tbody tr").nth(4).waitFor();
  await picture(workbench, "diagnostics");
  return 0;
}

exitWith(main());
