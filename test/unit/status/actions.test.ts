import assert from "node:assert/strict";
import { actionsIn, type StatusAction } from "../../../src/status/actions";
import { statusState, type StateInput, type StatusState } from "../../../src/status/state";
import { readyWith } from "../../fixtures/backend";

const calm: StateInput = {
  backend: readyWith(),
  inline: "on",
  language: "TypeScript",
  snoozedUntil: undefined,
  pausedOnBattery: "nothing",
  busy: undefined,
};
const until = new Date();

describe("the state that is shown", () => {
  for (const [change, kind] of [
    [{}, "ready"],
    [{ backend: { kind: "idle" } }, "notLoaded"],
    [{ busy: "indexing" }, "indexing"],
    [{ busy: "working", pausedOnBattery: "idleWork" }, "working"],
    [{ busy: "working", pausedOnBattery: "suggestions" }, "pausedOnBattery"],
    [{ snoozedUntil: until, pausedOnBattery: "suggestions" }, "snoozed"],
    [{ inline: "offForLanguage", snoozedUntil: until }, "offForLanguage"],
    [{ inline: "off", busy: "working" }, "off"],
    [{ backend: { kind: "loading" }, inline: "off" }, "loading"],
    [{ backend: { kind: "failed", error: new Error("gone") }, snoozedUntil: until }, "failed"],
  ] as const satisfies readonly (readonly [Partial<StateInput>, StatusState["kind"]])[]) {
    it(`is ${kind} with ${JSON.stringify(change)}`, () => {
      assert.equal(statusState({ ...calm, ...change }).kind, kind);
    });
  }
});

describe("the menu", () => {
  const all = (state: StatusState, languageOn?: boolean) =>
    actionsIn(state, languageOn).flatMap(({ actions }) => actions);

  for (const [state, first] of [
    [{ kind: "failed", error: new Error("gone") }, "selectModel"],
    [{ kind: "loading", share: 0.5 }, "showLog"],
    [{ kind: "off" }, "turnOn"],
    [{ kind: "offForLanguage", language: "Go" }, "turnOnForLanguage"],
    [{ kind: "snoozed", until }, "resume"],
    [{ kind: "pausedOnBattery" }, "changeBatterySetting"],
    [{ kind: "working" }, "snooze"],
    [{ kind: "indexing" }, "snooze"],
    [{ kind: "notLoaded" }, "snooze"],
    [{ kind: "ready" }, "snooze"],
  ] as const satisfies readonly (readonly [StatusState, StatusAction])[]) {
    it(`begins with what matters when ${state.kind}: ${first}; nothing is there twice`, () => {
      for (const languageOn of [undefined, true, false]) {
        const actions = all(state, languageOn);
        assert.equal(actions[0], first);
        assert.equal(new Set(actions).size, actions.length);
        for (const always of ["generate", "openDiagnostics", "showStatistics", "selectModel", "showLog"] as const) {
          assert.ok(actions.includes(always), always);
        }
      }
    });
  }

  it("does not offer what cannot be done", () => {
    assert.ok(!all({ kind: "off" }, false).includes("turnOff"));
    assert.ok(!all({ kind: "snoozed", until }, true).includes("snooze"));
    assert.ok(!all({ kind: "ready" }).some((action) => action.endsWith("ForLanguage")));
    assert.ok(all({ kind: "ready" }, true).includes("turnOffForLanguage"));
  });
});
