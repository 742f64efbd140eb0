import { buildPrompt } from "../../../../../src/completion/core/prompt";
import { cursorBetween, type Cursor } from "../../../../../src/completion/core/cursor";
import { stopRule } from "../../../../../src/completion/core/stopRule";
import { postprocess, type Suggestion } from "../../../../../src/completion/core/postprocess/index";
import { modelText } from "../../../../../src/completion/core/postprocess/modelText";
import { stopAt } from "../../../../../src/generation/decoding/stops";

/** Marks the cursor in a golden file's documents. */
export const CURSOR = "¦";

/** One case of a golden file (test/golden/postprocess/README.md describes the format). */
export interface GoldenCase {
  readonly title: string;
  readonly languageId: string;
  readonly cursor: Cursor;
  /** What the model would write if nothing stopped it. */
  readonly model: string;
  /** Whether the model's text is cut because it reached the longest length allowed. */
  readonly cut: boolean;
  /** The suggestion's text; undefined for none. */
  readonly suggestion: string | undefined;
  /** The document after accepting it, with the cursor mark. */
  readonly accepted: string | undefined;
}

/**
 * Reads a golden file.
 * @throws when a line is none of the format, or a case lacks a part.
 */
export function parseGoldenFile(content: string): readonly GoldenCase[] {
  const [, ...blocks] = content.split(/^## /m);
  return blocks.map(parseCase);
}

function parseCase(block: string): GoldenCase {
  const [title = "", ...lines] = block.trimEnd().split("\n");
  const parts = new Map<string, string[]>();
  let part: string[] = [];
  for (const line of lines.filter((text) => text !== "")) {
    const heading = /^([a-z ]+):(?: (.+))?$/.exec(line);
    if (heading) parts.set(heading[1] ?? "", (part = heading[2] === undefined ? [] : [heading[2]]));
    else if (line.startsWith("|")) part.push(visible(line.slice(2)));
    else throw new Error(`“${title}”: a line is neither a part's name nor begins with a bar: ${line}`);
  }
  const read = (name: string) => parts.get(name)?.join("\n");
  const required = (name: string) => {
    const value = read(name);
    if (value === undefined) throw new Error(`“${title}” has no part “${name}”.`);
    return value;
  };
  const languageId = required("language");
  const [kind = "spaces", size = "2"] = (read("indentation") ?? "").split(" ").filter(Boolean);
  const facts = { document: "file:///golden", path: "golden", languageId };
  const suggestion = required("suggestion");
  return {
    title,
    languageId,
    cursor: cursorIn(required("document"), {
      ...facts,
      indentation: { insertSpaces: kind === "spaces", tabSize: Number(size) },
    }),
    model: required("model"),
    cut: read("ends") === "at the longest length",
    suggestion: suggestion === "none" ? undefined : suggestion,
    accepted: read("accepted"),
  };
}

/** The text that a line of a golden file stands for: `⇥` is a tab, `·` a space at a line's end, `␍` a carriage return. */
function visible(line: string): string {
  return line.replaceAll("⇥", "\t").replaceAll("·", " ").replaceAll("␍", "\r");
}

function cursorIn(document: string, facts: Parameters<typeof cursorBetween>[2]): Cursor {
  const [before, after, ...others] = document.split(CURSOR);
  if (before === undefined || after === undefined || others.length > 0) {
    throw new Error(`The document does not have exactly one ${CURSOR}: ${document}`);
  }
  return cursorBetween(before, after, facts);
}

/** What is suggested for a model's text: the stop rule, then the post-processing, as the extension runs them. */
export function suggestionFor({
  cursor,
  model,
  cut,
}: Pick<GoldenCase, "cursor" | "model" | "cut">): Suggestion | undefined {
  const rule = stopRule(cursor, "auto");
  const prompt = buildPrompt(cursor);
  let length = 0;
  for (const character of model) {
    length += character.length;
    const end = stopAt(rule, model.slice(0, length), prompt);
    if (end !== undefined) return postprocess(modelText({ text: model.slice(0, end), finish: "stop" }, cursor), cursor);
  }
  return postprocess(modelText({ text: model, finish: cut ? "length" : "endOfText" }, cursor), cursor);
}

/** The document once a suggestion is accepted, with the cursor mark. */
export function accept({ before, after, around }: Cursor, { text, replaces, closers }: Suggestion): string {
  const accepted = before + text + CURSOR + closers + after.slice(replaces);
  return (around?.above ?? "") + accepted + (around?.below ?? "");
}
