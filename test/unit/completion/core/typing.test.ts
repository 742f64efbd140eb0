import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Completer } from "../../../../src/completion/core/completer";
import { indentOf, isClosing, type Cursor } from "../../../../src/completion/core/cursor";
import type { BackendDescription, GhostTextBackend } from "../../../../src/backend/backend";
import { scanBrackets } from "../../../../src/completion/core/nesting";
import type { Suggestion } from "../../../../src/completion/core/postprocess/index";
import { isSubsequence } from "../../../../src/completion/core/postprocess/fit";
import { readSettings } from "../../../../src/completion/core/settings";
import type { CompletionRequest, GenerationResult } from "../../../../src/generation/request";
import { readyWith } from "../../../fixtures/backend";
import { generated } from "./manualBackend";
import { Typist } from "./typist";

const settings = readSettings({ get: (_key, fallback) => fallback });

/** Knows how the text goes on, and writes in chunks as a model does. */
class Oracle implements GhostTextBackend {
  readonly state = readyWith({ lineScores: false });
  requests = 0;

  constructor(private readonly text: string) {}

  describe(): Promise<BackendDescription> {
    return Promise.resolve(this.state.description);
  }

  complete(request: CompletionRequest, { onText }: { onText: (text: string) => void }): Promise<GenerationResult> {
    this.requests++;
    return this.#answer(request, onText);
  }

  completeAhead(request: CompletionRequest): Promise<GenerationResult> {
    return this.#answer(request);
  }

  alternatives(): Promise<GenerationResult[]> {
    return Promise.resolve([]);
  }

  scoreLines(): Promise<readonly never[]> {
    return Promise.resolve([]);
  }

  readAhead(): Promise<void> {
    return Promise.resolve();
  }

  #answer(request: CompletionRequest, onText: (text: string) => void = () => undefined): Promise<GenerationResult> {
    const { prompt, stop } = request;
    if (!this.text.startsWith(prompt.prefix)) return Promise.resolve(generated("// what?"));
    const left = this.text.slice(prompt.prefix.length);
    const text = stop === "line" ? (left.split("\n")[0] ?? "") : this.#block(prompt.prefix, left);
    onText(text.slice(0, text.length / 2));
    return Promise.resolve(generated(text));
  }

  /** Until a line that is indented less than the block, which is that line's when it closes something. */
  #block(prefix: string, left: string): string {
    const line = prefix.slice(prefix.lastIndexOf("\n") + 1);
    const depth = indentOf(line).length + (line.trim() === "" ? 0 : 1);
    const [first = "", ...others] = left.split("\n");
    const end = others.findIndex((other) => other.trim() !== "" && indentOf(other).length < depth);
    const closing = /^\s*[)\]}]/.test(others[end] ?? "") ? end + 1 : end;
    return [first, ...(end < 0 ? others : others.slice(0, closing))].join("\n");
  }
}

/** What must hold of every suggestion, whatever the model wrote, given that it wrote how the text goes on. */
function check(suggestion: Suggestion, cursor: Cursor, text: string): void {
  const replaced = cursor.lineRest.slice(0, suggestion.replaces);
  const accepted = cursor.before + suggestion.text + suggestion.closers + cursor.after.slice(suggestion.replaces);
  const where = `\n${JSON.stringify(suggestion)} in\n${cursor.before.slice(-200)}|${cursor.after}`;
  assert.ok(suggestion.replaces <= cursor.lineRest.length, `replaces more than the line ${where}`);
  assert.ok(isSubsequence(replaced, suggestion.text), `deletes characters ${where}`);
  assert.notEqual(suggestion.text.trim(), "", `is blank ${where}`);
  if (suggestion.text.includes("\n")) {
    assert.equal(suggestion.replaces, cursor.lineRest.length, `does not reach the line's end ${where}`);
  }
  const own = suggestion.text.length - (suggestion.text.includes("\n") ? cursor.lineRest.length : 0);
  assert.ok(text.startsWith(cursor.before + suggestion.text.slice(0, own)), `is not what follows ${where}`);
  assert.deepEqual(scanBrackets(accepted, cursor.languageId).closers, [], `closes something twice ${where}`);
}

describe("typing a file", () => {
  const files: readonly (readonly [file: string, languageId: string, insertSpaces: boolean])[] = [
    ["completer.ts.txt", "typescript", true],
    ["panel.tsx.txt", "typescriptreact", false],
    ["inventory.py.txt", "python", true],
  ];
  for (const [file, languageId, insertSpaces] of files) {
    it(`${file}: every suggestion fits, and the backend is seldom asked`, async () => {
      const text = readFileSync(path.resolve("test/fixtures/typing", file), "utf8");
      const facts = { document: file, path: file, languageId, indentation: { insertSpaces, tabSize: 4 } };
      const oracle = new Oracle(text);
      using completer = new Completer({ backend: oracle, onFailure: (error) => assert.fail(String(error)) });
      const ask = (cursor: Cursor) => completer.complete(cursor, settings, new AbortController().signal);
      const typist = new Typist(text, facts);
      let keys = 0;
      let suggested = 0;
      let expected = 0;
      while (!typist.done) {
        typist.type();
        keys++;
        const cursor = typist.cursor();
        if (!isClosing(cursor.lineRest)) continue;
        const suggestion = await ask(cursor);
        const lineLeft = text.slice(cursor.before.length).split("\n")[0] ?? "";
        if (/\w/.test(lineLeft)) expected++;
        if (suggestion) {
          suggested++;
          check(suggestion, cursor, text);
        }
        if (keys % 50 === 0) {
          await ask(typist.cursor("#"));
          const before = oracle.requests;
          assert.deepEqual(await ask(cursor), suggestion);
          assert.equal(oracle.requests, before, "a deleted letter brought the request back");
        }
      }
      assert.equal(typist.before + typist.after, text);
      const figures = `${keys} keys, ${expected} with something to say, ${suggested} suggestions, ${oracle.requests} requests`;
      assert.ok(suggested > 0.95 * expected, figures);
      assert.ok(oracle.requests < 0.25 * keys, figures);
    }).timeout(30_000);
  }
});
