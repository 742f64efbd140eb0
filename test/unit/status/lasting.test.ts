import assert from "node:assert/strict";
import { mock } from "node:test";
import { Lasting } from "../../../src/status/lasting";

describe("Lasting", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  it("does not show what is over soon", () => {
    let changes = 0;
    using lasting = new Lasting(["working", "indexing"], () => changes++);
    for (let key = 0; key < 10; key++) {
      lasting.set("working", true);
      mock.timers.tick(300);
      lasting.set("working", false);
      mock.timers.tick(50);
    }
    assert.deepEqual([lasting.current, changes], [undefined, 0]);
  });

  it("shows what lasts until it is over, the most important first", () => {
    const shown: (string | undefined)[] = [];
    using lasting = new Lasting<string>(["working", "indexing"], () => shown.push(lasting.current));
    lasting.set("indexing", true);
    lasting.set("indexing", true);
    mock.timers.tick(1000);
    lasting.set("working", true);
    mock.timers.tick(1000);
    lasting.set("working", false);
    lasting.set("indexing", false);
    mock.timers.tick(1000);
    assert.deepEqual(shown, ["indexing", "working", "indexing", undefined]);
  });
});
