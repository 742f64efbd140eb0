import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Completer } from "../../../../src/completion/core/completer";
import { readSettings } from "../../../../src/completion/core/settings";
import { ManualBackend } from "./manualBackend";
import { cursorIn } from "./support";

const settings = readSettings({ get: (_key, fallback) => fallback });

describe("the workspace", () => {
  /** How often it is searched for a suggestion at a cursor. */
  async function lookupsAt(document: string, languageId: string): Promise<number> {
    const backend = new ManualBackend();
    let lookups = 0;
    const find = () => {
      lookups++;
      return Promise.resolve([]);
    };
    using completer = new Completer({
      backend,
      workspace: { find },
      onFailure: (error) => assert.fail(String(error)),
    });
    const answer = completer.complete(cursorIn(document, { languageId }), settings, new AbortController().signal);
    await sleep(0);
    backend.last.finish("a");
    await answer;
    return lookups;
  }

  it("is searched where its lines may be suggested", async () => {
    assert.equal(await lookupsAt("f(|)", "typescript"), 1);
  });

  it("is not searched in prose, nor inside a line", async () => {
    assert.equal(await lookupsAt("The cache |", "markdown"), 0);
    assert.equal(await lookupsAt("f(|, b)", "typescript"), 0);
  });
});
