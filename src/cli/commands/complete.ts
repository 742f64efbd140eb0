import { realpath } from "node:fs/promises";
import { basename, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Cursor } from "../../completion/core/cursor";
import { cursorAt } from "../../completion/core/cursorAt";
import { postprocess } from "../../completion/core/postprocess/index";
import { modelText } from "../../completion/core/postprocess/modelText";
import { thresholds } from "../../completion/core/ranking/eagerness";
import {
  canRankAt,
  type LineChoice,
  type LineDecision,
  workspaceQueryAt,
} from "../../completion/core/ranking/suggestLine";
import { suggest, usesWorkspaceAt } from "../../completion/core/ranking/suggest";
import { requestAt } from "../../completion/core/request";
import type { WorkspaceMatch } from "../../completion/core/workspace/types";
import type { CompleteCommand } from "../arguments";
import { describeExplanation, explain } from "../explanation";
import { type LineSource, openLineSource } from "../lineSource";
import type { Output } from "../output";
import { indentationOf, languageOf } from "../language";
import { readTextFile } from "../textFile";
import { offsetAt } from "../textOffset";
import { describeTimings } from "../timings";
import { indexFolder } from "../workspaceFolder";

/** A position in a file, and the file's text with `\n` line ends. */
interface Place {
  readonly cursor: Cursor;
  readonly text: string;
}

/** Writes what the editor would suggest at a position in a file; an empty line when it would suggest nothing. */
export async function complete(command: CompleteCommand, output: Output, signal: AbortSignal): Promise<void> {
  const place = await readPlace(command);
  const matches = await findMatches(command, place, output, signal);
  await using source = await openLineSource(command, output);
  const { cursor } = place;
  const { maxTokens, sampling, eagerness } = command;
  const settings = { multiline: "auto", maxTokens, temperature: sampling.temperature } as const;
  const request = { ...requestAt(cursor, settings), sampling };
  const result = await source.complete(request, signal);
  const ownText = modelText(result, cursor);
  const threshold = eagerness === undefined ? 0 : thresholds[eagerness];
  const decision =
    isRanked(command, cursor) && source.lineScores
      ? await decideWith(source, { cursor, settings, modelText: ownText, matches, threshold }, signal)
      : undefined;
  const text = postprocess(decision?.text ?? ownText, cursor)?.text ?? "";
  const timings = { loadMs: source.loadMs, ...result.timings };
  const explanation = command.explain ? explain(decision, text, source.lineScores) : undefined;
  if (command.json) output.json({ text, tokens: result.tokens, timings, ...(explanation && { explanation }) });
  else output.text(`${text}\n`);
  if (explanation && !command.json) output.note(describeExplanation(explanation));
  if (command.timing) output.note(describeTimings(timings));
}

/** Without any of these options the model's own line is printed, whatever it is worth. */
function isRanked({ workspace, eagerness, explain: isExplained }: CompleteCommand, cursor: Cursor): boolean {
  return (workspace !== undefined || eagerness !== undefined || isExplained) && canRankAt(cursor);
}

function decideWith(source: LineSource, choice: LineChoice, signal: AbortSignal): Promise<LineDecision | undefined> {
  return suggest(choice, (request) => source.scoreLines(request, signal));
}

/** Lines of the workspace, where there is one. @throws InputError when its folder is missing */
async function findMatches(
  { workspace }: CompleteCommand,
  { cursor, text }: Place,
  output: Output,
  signal: AbortSignal,
): Promise<readonly WorkspaceMatch[]> {
  if (workspace === undefined) return [];
  const { index, full } = await indexFolder(workspace, { uri: cursor.document, text }, signal);
  if (full) output.note(`gpt2: ${workspace} is too large for the index: only ${index.files} files are in it.\n`);
  return usesWorkspaceAt(cursor) ? index.findNow(workspaceQueryAt(cursor)) : [];
}

/** @throws InputError when there is no such file or no such position in it. */
async function readPlace({ file, line, column, language }: CompleteCommand): Promise<Place> {
  const text = (await readTextFile(file)).replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  const offset = offsetAt(text, line, column, file);
  const cursor = cursorAt(text, offset, {
    document: pathToFileURL(await realpath(file)).href,
    path: shownPath(file),
    languageId: language ?? languageOf(file),
    indentation: indentationOf(text),
  });
  return { cursor, text };
}

/** The path in the prompt: relative to the working folder, or the bare name of a file elsewhere. */
function shownPath(file: string): string {
  const path = relative(process.cwd(), resolve(file));
  return path.startsWith("..") ? basename(file) : path.split(sep).join("/");
}
