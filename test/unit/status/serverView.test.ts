import assert from "node:assert/strict";
import { serverLines, serverSuffix } from "../../../src/status/serverView";
import { english } from "../../fixtures/localization";

const host = "box:8080";

describe("the server in the status bar item", () => {
  it("is named while code goes there, and only then", () => {
    assert.equal(serverSuffix(undefined), "");
    assert.equal(serverSuffix({ host, isUsed: true, problem: undefined }), ": box:8080");
    assert.equal(serverSuffix({ host, isUsed: false, problem: "box:8080 is busy." }), "");
  });

  it("has a line that says where completions come from, and why", () => {
    assert.deepEqual(serverLines(undefined, english), []);
    assert.deepEqual(serverLines({ host, isUsed: true, problem: undefined }, english), [
      "Code goes to the server box:8080.",
    ]);
    assert.deepEqual(serverLines({ host, isUsed: false, problem: "box:8080 is busy." }, english), [
      "box:8080 is busy. The local model completes.",
    ]);
    assert.match(serverLines({ host, isUsed: false, problem: undefined }, english)[0] ?? "", /is loading/);
  });
});
