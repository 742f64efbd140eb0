import assert from "node:assert/strict";
import { l10n } from "../../../src/diagnostics/webview/l10n";

describe("the page's messages", () => {
  it("fill in their placeholders, in any order and more than once", () => {
    assert.equal(l10n.t("{1} of {0}, {1}", 12, "3"), "3 of 12, 3");
  });

  it("keep a placeholder for which there is no value", () => {
    assert.equal(l10n.t("{0} and {1}", "a"), "a and {1}");
  });
});
