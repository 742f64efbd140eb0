import assert from "node:assert/strict";
import { withRecent } from "../../../src/models/recentModels";

describe("withRecent", () => {
  it("puts the newest first, once, and forgets the oldest", () => {
    assert.deepEqual(withRecent(["a", "b", "c"], "b"), ["b", "a", "c"]);
    assert.deepEqual(withRecent(["a", "b", "c"], "d", 3), ["d", "a", "b"]);
  });
});
