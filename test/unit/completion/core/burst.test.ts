import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Completer } from "../../../../src/completion/core/completer";
import { readSettings } from "../../../../src/completion/core/settings";
import { TypingRhythm } from "../../../../src/completion/core/timing/typingRhythm";
import { ManualBackend } from "./manualBackend";
import { cursorIn } from "./support";
import { until } from "../../../fixtures/until";

const settings = readSettings({ get: (_key, fallback) => fallback });

describe("a burst of edits", () => {
  for (const delay of ["adaptive", 0] as const) {
    it(`causes one request at its beginning and one at its end (delay: ${delay})`, async () => {
      const backend = new ManualBackend();
      const rhythm = new TypingRhythm();
      let lookups = 0;
      const find = () => {
        lookups++;
        return Promise.resolve([]);
      };
      const failures: unknown[] = [];
      using completer = new Completer({
        backend,
        rhythm,
        workspace: { find },
        onFailure: (error) => failures.push(error),
      });
      let last: Promise<unknown> | undefined;
      let keystroke = new AbortController();
      for (let edit = 0; edit < 10_000; edit++) {
        keystroke.abort();
        keystroke = new AbortController();
        // No clock: the edits come one every tenth of a millisecond.
        rhythm.edited(performance.now() + edit / 10);
        last = completer.complete(cursorIn(`edit${edit}|`), { ...settings, delay }, keystroke.signal);
        if (edit % 100 === 0) await sleep(0);
      }
      const asked = () => backend.requests.length;
      assert.equal(asked(), 1);
      await until(() => asked() !== 1);
      backend.last.finish("x");
      await last;
      assert.equal(asked(), 2);
      assert.equal(lookups, 2);
      assert.deepEqual(failures, []);
    });
  }

  it("does not delay a suggestion that a person asks for", async () => {
    const backend = new ManualBackend();
    const rhythm = new TypingRhythm();
    for (let edit = 0; edit < 100; edit++) rhythm.edited(edit / 10);
    using completer = new Completer({ backend, rhythm, onFailure: (error) => assert.fail(String(error)) });
    const answer = completer.complete(cursorIn("a|"), settings, new AbortController().signal, true);
    await sleep(0);
    assert.equal(backend.requests.length, 1);
    backend.last.finish("b");
    assert.equal((await answer)?.text, "b");
  });
});
