import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Completer } from "../../../../src/completion/core/completer";
import { cursorBetween } from "../../../../src/completion/core/cursor";
import { coefficients } from "../../../../src/completion/core/ranking/coefficients";
import { featureNames, featuresOf, type ScoredLine } from "../../../../src/completion/core/ranking/features";
import { firstLine, lineCandidates } from "../../../../src/completion/core/ranking/lineCandidates";
import { rankLines } from "../../../../src/completion/core/ranking/ranker";
import { thresholds } from "../../../../src/completion/core/ranking/eagerness";
import { decide, type LineDecision } from "../../../../src/completion/core/ranking/suggestLine";
import { readSettings } from "../../../../src/completion/core/settings";
import type { WorkspaceMatch } from "../../../../src/completion/core/workspace/types";
import { readyWith } from "../../../fixtures/backend";
import { ManualBackend } from "./manualBackend";
import { until } from "../../../fixtures/until";

const facts = {
  document: "file:///a.ts",
  path: "a.ts",
  languageId: "typescript",
  indentation: { insertSpaces: true, tabSize: 2 },
};
const cursor = cursorBetween("const total = items.", "\nreturn total;\n", facts);
const settings = readSettings({ get: (_key, fallback) => fallback });

function match(overrides: Partial<WorkspaceMatch> = {}): WorkspaceMatch {
  return {
    uri: "file:///b.ts",
    line: 3,
    offset: 40,
    matchLength: 20,
    rest: "reduce(add, 0);",
    preceding: "const total = items.",
    nextLine: "return total;",
    following: "return total;\n",
    sameFile: false,
    recency: 0,
    occurrences: 1,
    ...overrides,
  };
}

const likely = { tokens: [-0.1, -0.1, -0.1], end: -0.1 };
const unlikely = { tokens: [-6, -9, -8], end: -3 };
const line = (text: string, overrides: Partial<ScoredLine> = {}): ScoredLine => {
  return { text, fromModel: false, matches: [], score: likely, ...overrides };
};

describe("line candidates", () => {
  it("are the different rests of lines and the model's own line", () => {
    const found = lineCandidates(
      "map(x => x);\nmore",
      [match(), match({ line: 9 }), match({ rest: "length;" })],
      cursor,
    );
    assert.deepEqual(
      found.map(({ text, fromModel, matches }) => [text, fromModel, matches.length]),
      [
        ["reduce(add, 0);", false, 2],
        ["length;", false, 1],
        ["map(x => x);", true, 0],
      ],
    );
  });

  it("mark a line that both have", () => {
    const [only, other] = lineCandidates("reduce(add, 0);", [match()], cursor);
    assert.ok(only?.fromModel && only.matches.length === 1 && other === undefined);
  });

  it("are the next line after a finished one", () => {
    const [found] = lineCandidates("", [match({ rest: "", following: "\n  return total;\n}\n" })], cursor);
    assert.equal(found?.text, "\n\n  return total;");
  });

  it("are never blank", () => {
    assert.deepEqual(lineCandidates("  \n", [match({ rest: "  " }), match({ rest: "", following: "\n" })], cursor), []);
  });

  it("end where the first visible line ends", () => {
    assert.equal(firstLine("\n\n  a();  \nb();"), "\n\n  a();");
  });
});

describe("the ranker", () => {
  it("has a finite coefficient for each feature", () => {
    const { means, deviations, weights } = coefficients;
    for (const list of [means, deviations, weights]) assert.equal(list.length, featureNames.length);
    assert.ok([...means, ...deviations, ...weights, coefficients.intercept].every(Number.isFinite));
    assert.ok(deviations.every((deviation) => deviation > 0));
  });

  it("computes finite features, also for lines that could not be scored", () => {
    const lines = [line("a", { score: { tokens: [], end: -Infinity } }), line("b", { matches: [match()] })];
    for (const features of featuresOf(lines, cursor)) {
      assert.equal(features.length, featureNames.length);
      assert.ok(features.every(Number.isFinite), features.join());
    }
  });

  it("prefers what the model finds likely, and what matches longer", () => {
    const matches = [match()];
    const [first] = rankLines([line("a", { matches, score: unlikely }), line("b", { matches })], cursor);
    assert.equal(first?.text, "b");
    const long = match({ matchLength: 100 });
    const [longest] = rankLines([line("a", { matches }), line("b", { matches: [long] })], cursor);
    assert.equal(longest?.text, "b");
  });

  it("gives probabilities", () => {
    for (const { probability } of rankLines([line("a"), line("b", { score: unlikely })], cursor)) {
      assert.ok(probability > 0 && probability < 1);
    }
  });
});

describe("the decision", () => {
  const candidates = lineCandidates("reduce(add, 0);\nmore();", [match({ matchLength: 100 })], cursor);

  it("takes the model's whole text when its first line is the best", () => {
    assert.equal(decide(cursor, "reduce(add, 0);\nmore();", candidates, [likely], 0).text, "reduce(add, 0);\nmore();");
  });

  it("shows nothing below the threshold, but says what was considered", () => {
    const decision = decide(cursor, "reduce(add, 0);\nmore();", candidates, [unlikely], 0.999);
    assert.equal(decision.text, "");
    assert.equal(decision.lines.length, 1);
    assert.equal(decision.threshold, 0.999);
  });

  it("shows the beginning of a line when only that is sure enough", () => {
    const score = { ...unlikely, tokens: [-0.1, -9, -8], ends: [6, 11, 16] };
    const [own] = lineCandidates("reduce(add, 0);", [], cursor);
    const decision = decide(cursor, "reduce(add, 0);", own ? [own] : [], [score], 0.5);
    assert.equal(decision.text, "reduce");
    assert.equal(decision.part?.text, "reduce");
    assert.equal(decide(cursor, "reduce(add, 0);", own ? [own] : [], [score], 0).part, undefined);
  });

  it("shows more the more eager it is", () => {
    assert.ok(thresholds.shy > thresholds.balanced && thresholds.balanced > thresholds.eager);
  });
});

describe("a completer with a workspace", () => {
  function setUp(matches: readonly WorkspaceMatch[] | Promise<WorkspaceMatch[]>) {
    const backend = new ManualBackend();
    backend.state = readyWith();
    const failures: unknown[] = [];
    const workspace = { find: async () => [...(await matches)] };
    const decisions: (LineDecision | undefined)[] = [];
    const completer: Completer = new Completer({
      ...{ backend, workspace },
      onFailure: (error) => failures.push(error),
      onDecision: () => decisions.push(completer.lastDecision),
    });
    return { backend, completer, failures, decisions };
  }
  const never = new AbortController().signal;
  const eager = { ...settings, eagerness: "eager" } as const;

  it("suggests a line of the workspace that the model finds likelier than its own", async () => {
    const { backend, completer } = setUp([match({ matchLength: 100, occurrences: 3 })]);
    backend.scores = ({ lines }) => lines.map((text) => (text.startsWith("reduce") ? likely : unlikely));
    const result = completer.complete(cursor, eager, never);
    await untilAsked(backend);
    backend.last.finish("map(x => x);");
    assert.equal((await result)?.text, "reduce(add, 0);");
    assert.deepEqual(backend.scored[0]?.lines, ["reduce(add, 0);", "map(x => x);"]);
    completer[Symbol.dispose]();
  });

  it("ranks the lines of a block that are there, and shows the rest later to one who asks", async () => {
    const { backend, completer } = setUp([]);
    backend.scores = ({ lines }) => lines.map(() => ({ tokens: [-0.01], ends: [1], end: -0.01 }));
    const inBlock = cursorBetween("function f() {\n  ", "\n}\n", facts);
    const result = completer.complete(inBlock, eager, never);
    await untilAsked(backend);
    await sleep(150);
    backend.last.grow("first();\n  sec");
    assert.equal((await result)?.text, "first();");
    backend.last.finish("first();\n  second();");
    await sleep(0);
    assert.equal((await completer.complete(inBlock, eager, never, true))?.text, "first();\n  second();");
    assert.equal(backend.requests.length, 1);
    completer[Symbol.dispose]();
  });

  it("answers from the cache while the shown line is typed along", async () => {
    const { backend, completer } = setUp([match({ matchLength: 100, occurrences: 3 })]);
    backend.scores = ({ lines }) => lines.map((text) => (text.startsWith("reduce") ? likely : unlikely));
    const result = completer.complete(cursor, eager, never);
    await untilAsked(backend);
    backend.last.finish("map(x => x);");
    await result;
    const along = cursorBetween("const total = items.red", "\nreturn total;\n", facts);
    assert.equal((await completer.complete(along, eager, never))?.text, "uce(add, 0);");
    assert.equal(backend.scored.length, 1);
    assert.equal(backend.requests.length, 1);
    completer[Symbol.dispose]();
  });

  it("keeps the beginning of a line while it is typed along, and shows all of it to one who asks", async () => {
    const { backend, completer } = setUp([]);
    const ends = [6, 8];
    backend.scores = ({ lines }) => lines.map(() => ({ tokens: [-0.1, -9], ends, end: -9 }));
    const shown = async (typed: string) => {
      const at = cursorBetween(`const total = items.${typed}`, "\nreturn total;\n", facts);
      return (await completer.complete(at, settings, never))?.text;
    };
    const result = shown("");
    await untilAsked(backend);
    backend.last.finish("reduce();");
    assert.equal(await result, "reduce");
    for (const typed of ["r", "redu", "reduc"]) assert.equal(await shown(typed), "reduce".slice(typed.length));
    assert.deepEqual([backend.scored.length, backend.requests.length], [1, 1]);
    assert.equal(await shown("reduce"), undefined, "ranked again at its end");
    assert.equal((await completer.complete(cursor, settings, never, true))?.text, "reduce();", "asked for");
    assert.equal(await shown("redu"), "ce();");
    assert.deepEqual([backend.scored.length, backend.requests.length], [3, 1]);
    completer[Symbol.dispose]();
  });

  it("shows the likely lines of a block, and all of it to one who asks", async () => {
    const { backend, completer } = setUp([]);
    const block = "let sum = 0;\n  return sum;";
    backend.scores = ({ lines }) =>
      lines.map((text) => ({ tokens: [-1e-3, text === block ? -9 : -1e-3], ends: [12, 26], end: -1e-3 }));
    const inBody = cursorBetween("function total(items) {\n  ", "\n}\n", facts);
    const result = completer.complete(inBody, eager, never);
    await untilAsked(backend);
    backend.last.finish(block);
    assert.equal((await result)?.text, "let sum = 0;");
    assert.equal((await completer.complete(inBody, eager, never))?.text, "let sum = 0;");
    assert.equal((await completer.complete(inBody, eager, never, true))?.text, block);
    completer[Symbol.dispose]();
  });

  it("shows nothing that is too unsure, except when it is asked for", async () => {
    const { backend, completer } = setUp([]);
    backend.scores = ({ lines }) => lines.map(() => unlikely);
    const result = completer.complete(cursor, settings, never);
    await untilAsked(backend);
    backend.last.finish("map(x => x);");
    assert.equal(await result, undefined);
    assert.ok((completer.lastDecision?.lines[0]?.probability ?? 1) < thresholds.balanced);
    assert.equal((await completer.complete(cursor, settings, never, true))?.text, "map(x => x);");
    completer[Symbol.dispose]();
  });

  it("tells of each decision, and that it is forgotten", async () => {
    const { backend, completer, decisions } = setUp([match()]);
    backend.scores = ({ lines }) => lines.map(() => likely);
    const result = completer.complete(cursor, eager, never, true);
    await untilAsked(backend);
    backend.last.finish("map(x => x);");
    await result;
    const [decision] = decisions;
    assert.equal(decision?.linePrefix, cursor.linePrefix);
    assert.equal(decision.lines.length, 2);
    completer.reset();
    completer.reset();
    assert.deepEqual(decisions, [decision, undefined]);
    completer[Symbol.dispose]();
  });

  it("keeps nothing of a model that changes while it ranks", async () => {
    const { backend, completer } = setUp([match()]);
    backend.scores = ({ lines }) => {
      if (backend.scored.length === 1) completer.restart();
      return lines.map(() => likely);
    };
    const result = completer.complete(cursor, eager, never);
    await untilAsked(backend);
    backend.last.finish("map(x => x);");
    await until(() => backend.requests.length === 2);
    backend.last.finish("filter(x => x);");
    assert.notEqual(await result, undefined);
    assert.deepEqual(backend.scored[1]?.lines, ["reduce(add, 0);", "filter(x => x);"]);
    completer[Symbol.dispose]();
  });

  it("waits for a slow index while the model writes", async () => {
    const found = sleep(100).then(() => [match()]);
    const { backend, completer } = setUp(found);
    backend.scores = ({ lines }) => lines.map(() => likely);
    const result = completer.complete(cursor, eager, never);
    await untilAsked(backend);
    await found;
    backend.last.finish("map(x => x);");
    await result;
    assert.deepEqual(backend.scored[0]?.lines, ["reduce(add, 0);", "map(x => x);"]);
    completer[Symbol.dispose]();
  });

  it("goes on without the workspace when the index does not answer", async () => {
    const { backend, completer, failures } = setUp(new Promise(() => undefined));
    backend.scores = ({ lines }) => lines.map(() => likely);
    const result = completer.complete(cursor, eager, never, true);
    await untilAsked(backend);
    backend.last.finish("map(x => x);");
    assert.equal((await result)?.text, "map(x => x);");
    assert.equal(failures.length, 0);
    completer[Symbol.dispose]();
  });

  it("goes on without the workspace when the index fails", async () => {
    const { backend, completer, failures } = setUp(Promise.reject(new Error("index")));
    backend.scores = ({ lines }) => lines.map(() => likely);
    const result = completer.complete(cursor, eager, never, true);
    await untilAsked(backend);
    backend.last.finish("map(x => x);");
    assert.equal((await result)?.text, "map(x => x);");
    assert.equal(failures.length, 1);
    completer[Symbol.dispose]();
  });
});

async function untilAsked({ requests }: ManualBackend): Promise<void> {
  await until(() => requests.length > 0);
}
