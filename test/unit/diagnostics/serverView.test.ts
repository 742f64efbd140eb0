import assert from "node:assert/strict";
import { engineView } from "../../../src/diagnostics/engineView";
import { canServe } from "../../../src/diagnostics/inspector";
import { phaseTimes } from "../../../src/diagnostics/webview/requestFigures";
import { serverFacts } from "../../../src/diagnostics/webview/serverFacts";
import { whyView } from "../../../src/diagnostics/whyView";
import { readyWith } from "../../fixtures/backend";

const unmeasured = { findings: undefined, measuring: false };
const presence = { host: "box:8080", isUsed: true, problem: undefined };

describe("a server in the diagnostics panel", () => {
  it("is described while it is used", () => {
    const { server } = engineView(readyWith({ lineScores: false }), undefined, unmeasured, presence);
    assert.deepEqual(server, {
      ...{ host: "box:8080", model: "test", fillInTheMiddle: true, lineScores: false, problem: undefined },
    });
    assert.ok(server);
    assert.match(JSON.stringify(serverFacts(server)), /lines of the workspace are not ranked/);
  });

  it("has a reason while it is not used", () => {
    const { server } = engineView(readyWith(), undefined, unmeasured, {
      ...presence,
      isUsed: false,
      problem: "It is busy.",
    });
    assert.deepEqual([server?.model, server?.problem], [undefined, "It is busy."]);
    assert.equal(engineView(readyWith(), undefined, unmeasured).server, undefined);
  });

  it("shows candidates, but no prompt and no layers", () => {
    const served = (["logits", "text", "layers"] as const).filter((tab) => canServe(tab, "candidates"));
    assert.deepEqual(served, ["logits"]);
  });

  it("lacks what ranking needs where it gives no log-probabilities of lines", () => {
    assert.deepEqual(whyView(undefined, String, false), { kind: "unranked" });
    assert.deepEqual(whyView(undefined, String, true), { kind: "undecided" });
  });

  it("has its time split into network and engine", () => {
    const counts = { promptTokens: 9, cachedTokens: 5, newTokens: 3, draftedTokens: 0, acceptedTokens: 0 };
    const times = {
      queueMs: 0,
      tokenizeMs: 0,
      prefillMs: 20,
      decodeMs: 30,
      firstTokenMs: 40,
      totalMs: 60,
      networkMs: 10,
    };
    assert.deepEqual(phaseTimes({ ...counts, ...times }), {
      ...{ queue: 0, network: 10, tokenize: 0, prefill: 20, decode: 30, other: 0 },
    });
  });
});
