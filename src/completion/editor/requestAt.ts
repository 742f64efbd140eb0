import * as vscode from "vscode";
import type { InspectedRequest } from "../../generation/inspection/requests";
import { readCursor } from "./documentContext";
import type { CompletionEngine } from "../core/engine";
import { buildPrompt } from "../core/prompt";
import { readSettings } from "../core/settings";

/** What a completion at a place would ask the engine: what the diagnostics panel looks into. Starts the engine. */
export async function requestAt(
  engine: CompletionEngine,
  document: vscode.TextDocument,
  position: vscode.Position,
): Promise<InspectedRequest> {
  const { fillInTheMiddle } = await engine.describe();
  const cursor = readCursor(document, position, undefined);
  const prompt = cursor ? buildPrompt(cursor, fillInTheMiddle) : { header: "", prefix: "", suffix: "" };
  const { maxTokens } = readSettings(vscode.workspace.getConfiguration("gpt2.inlineCompletions", document));
  return { prompt, maxTokens, healing: true };
}
