import { basename, relative, resolve, sep } from "node:path";
import type { Cursor } from "../../completion/core/cursor";
import { cursorAt } from "../../completion/core/cursorAt";
import { postprocess } from "../../completion/core/postprocess/index";
import { modelText } from "../../completion/core/postprocess/modelText";
import { requestAt } from "../../completion/core/request";
import type { CompleteCommand } from "../arguments";
import type { Output } from "../output";
import { indentationOf, languageOf } from "../language";
import { readTextFile } from "../textFile";
import { offsetAt } from "../textOffset";
import { openSession } from "../session";
import { describeTimings } from "../timings";

/** Writes what the editor would suggest at a position in a file; an empty line when it would suggest nothing. */
export async function complete(command: CompleteCommand, output: Output, signal: AbortSignal): Promise<void> {
  const cursor = await readCursor(command);
  await using session = await openSession(command, output);
  const { maxTokens, sampling } = command;
  const { temperature } = sampling;
  const request = { ...requestAt(cursor, { multiline: "auto", maxTokens, temperature }), sampling };
  const result = await session.engine.handlers.complete(request, { signal, onProgress: () => undefined });
  const text = postprocess(modelText(result, cursor), cursor)?.text ?? "";
  const timings = { loadMs: session.model.info.loadMs, ...result.timings };
  if (command.json) output.json({ text, tokens: result.tokens, timings });
  else output.text(`${text}\n`);
  if (command.timing) output.note(describeTimings(timings));
}

/** @throws InputError when there is no such file or no such position in it. */
async function readCursor({ file, line, column, language }: CompleteCommand): Promise<Cursor> {
  const text = (await readTextFile(file)).replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  const offset = offsetAt(text, line, column, file);
  return cursorAt(text, offset, {
    document: resolve(file),
    path: shownPath(file),
    languageId: language ?? languageOf(file),
    indentation: indentationOf(text),
  });
}

/** The path in the prompt: relative to the working folder, or the bare name of a file elsewhere. */
function shownPath(file: string): string {
  const path = relative(process.cwd(), resolve(file));
  return path.startsWith("..") ? basename(file) : path.split(sep).join("/");
}
