import type * as vscode from "vscode";
import type { Prompt } from "../generation/request";
import { readCursor } from "./documentContext";
import type { CompletionEngine } from "./engine";
import { buildPrompt } from "./prompt";

/** The prompt that a completion at a place would have: what the diagnostics panel shows. Starts the engine. */
export async function promptAt(
  engine: CompletionEngine,
  document: vscode.TextDocument,
  position: vscode.Position,
): Promise<Prompt> {
  const { fillInTheMiddle } = await engine.describe();
  const cursor = readCursor(document, position, undefined);
  return cursor ? buildPrompt(cursor, fillInTheMiddle) : { header: "", prefix: "", suffix: "" };
}
