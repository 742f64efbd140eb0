import { createHash } from "node:crypto";
import { appendFile, readFile } from "node:fs/promises";
import type { Cursor } from "../../src/completion/core/cursor";
import { modelText } from "../../src/completion/core/postprocess/modelText";
import { complete } from "../../src/generation/complete";
import type { GenerationContext } from "../../src/generation/context";
import { completionPrompt } from "../../src/generation/prompt/completionPrompt";
import { type LineScore, scoreLines, type ScoreRequest } from "../../src/generation/ranking/scoreLines";
import { tokenEnds } from "../../src/generation/ranking/tokenEnds";
import type { CompletionRequest } from "../../src/generation/request";

/** What a model says at a cursor. */
export interface Answers {
  /** Its own text, as the ranker takes it. @param onText receives it as it grows, unless it was kept from an earlier run */
  text(request: CompletionRequest, cursor: Cursor, onText?: (text: string) => void): Promise<string>;
  scores(request: ScoreRequest): Promise<readonly LineScore[]>;
}

/** Has the model compute every answer. */
export function computedAnswers(context: GenerationContext): Answers {
  const control = { arrivedAt: context.now(), signal: { aborted: false }, pause: () => Promise.resolve() };
  return {
    text: async (request, cursor, onText = () => undefined) =>
      modelText(await complete(context, request, { ...control, onText }), cursor),
    scores: (request) => scoreLines(context, request, control),
  };
}

/** A line of the file: a text, or a line's score. */
type Kept = { readonly key: string; readonly text: string } | ({ readonly key: string } & LineScore);

/** Finds where the tokens of lines end, for scores that were kept without it. */
function lineEnds(context: GenerationContext, request: Omit<ScoreRequest, "lines">): (line: string) => number[] {
  const { tokenizer } = context;
  const typed = tokenizer.decode(completionPrompt(context, request).rolledBack);
  return (line) => tokenEnds(tokenizer.encode(typed + line), tokenizer, typed, line) ?? [];
}

/**
 * A model's answers in a file, so that a run that was cut goes on where it was, and one with another ranker takes seconds. Each is found by
 * the model's name and size and the whole request: nothing outdated is taken, but from another model of the same name and size.
 */
export class AnswerFile {
  readonly #path: string;
  readonly #texts = new Map<string, string>();
  readonly #scores = new Map<string, LineScore>();

  private constructor(path: string) {
    this.#path = path;
  }

  /** Reads the file, or begins it. An unfinished last line is left out. */
  static async open(path: string): Promise<AnswerFile> {
    const file = new AnswerFile(path);
    const content = await readFile(path, "utf8").catch(() => "");
    const complete = content.slice(0, content.lastIndexOf("\n") + 1);
    for (const line of complete.split("\n")) if (line !== "") file.#keep(JSON.parse(line) as Kept);
    return file;
  }

  /** The answers of a model, computed once. @param context is asked for when something must be computed */
  of(model: string, context: () => GenerationContext): Answers {
    let computed: Answers | undefined;
    const compute = () => (computed ??= computedAnswers(context()));
    return {
      text: async (request, cursor) => {
        const key = keyOf(model, request);
        const known = this.#texts.get(key);
        if (known !== undefined) return known;
        const text = await compute().text(request, cursor);
        await this.#write([{ key, text }]);
        return text;
      },
      scores: async ({ lines, ...request }) => {
        const keys = lines.map((line) => keyOf(model, request, line));
        const missing = lines.flatMap((line, i) =>
          this.#scores.has(keys[i] ?? "") ? [] : [{ line, key: keys[i] ?? "" }],
        );
        if (missing.length > 0) {
          const scores = await compute().scores({ ...request, lines: missing.map(({ line }) => line) });
          await this.#write(missing.flatMap(({ key }, i) => (scores[i] ? [{ key, ...finite(scores[i]) }] : [])));
        }
        let endsOf: ((line: string) => number[]) | undefined;
        return keys.flatMap((key, i) => {
          const score = this.#scores.get(key);
          if (!score) return [];
          if (score.ends) return [score];
          endsOf ??= lineEnds(context(), request);
          return [{ ...score, ends: endsOf(lines[i] ?? "") }];
        });
      },
    };
  }

  #keep(kept: Kept): void {
    if ("text" in kept) this.#texts.set(kept.key, kept.text);
    else {
      const { key, ...score } = kept;
      this.#scores.set(key, score);
    }
  }

  async #write(kept: readonly Kept[]): Promise<void> {
    for (const one of kept) this.#keep(one);
    await appendFile(this.#path, kept.map((one) => `${JSON.stringify(one)}\n`).join(""));
  }
}

/** JSON has no infinity. */
const leastLogProbability = -1e3;

function finite({ tokens, end, ends }: LineScore): LineScore {
  const bounded = (value: number) => Math.max(leastLogProbability, Number(value.toFixed(4)));
  return { tokens: tokens.map(bounded), end: bounded(end), ...(ends && { ends }) };
}

function keyOf(model: string, request: unknown, line?: string): string {
  const content = JSON.stringify([model, request, line]);
  return createHash("sha256").update(content).digest("base64url").slice(0, 20);
}
