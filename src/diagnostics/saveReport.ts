import * as vscode from "vscode";
import { toJson, toMarkdown } from "../gpt2/verification/checkpoints/report";
import type { CheckpointReport } from "../gpt2/verification/checkpoints/run";
import type { ReportAction } from "./protocol";

/** Copies a report of the checkpoints, or asks where to save it. The file extension selects the format. */
export async function handleReport(report: CheckpointReport, action: ReportAction): Promise<void> {
  switch (action) {
    case "copyJson":
      await vscode.env.clipboard.writeText(toJson(report));
      vscode.window.setStatusBarMessage(vscode.l10n.t("The report was copied as JSON."), 3000);
      break;
    case "copyMarkdown":
      await vscode.env.clipboard.writeText(toMarkdown(report));
      vscode.window.setStatusBarMessage(vscode.l10n.t("The report was copied as Markdown."), 3000);
      break;
    case "save":
      await save(report);
      break;
  }
}

async function save(report: CheckpointReport): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `checkpoints-${report.model.replace(/[^\w.-]+/g, "-")}.md`;
  const target = await vscode.window.showSaveDialog({
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters: { Markdown: ["md"], JSON: ["json"] },
  });
  if (!target) return;
  const text = target.path.endsWith(".json") ? toJson(report) : toMarkdown(report);
  try {
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  } catch (error) {
    void vscode.window.showErrorMessage(vscode.l10n.t("The report could not be saved: {0}", String(error)));
  }
}
