import assert from "node:assert/strict";
import { run } from "../harness/processes";

describe("npm start", () => {
  it("opens the extension on the sample workspace, and ghost text comes", async () => {
    const { code, output } = await run(process.execPath, ["dist/test/harness/start.js", "--smoke"], {
      timeoutMs: 110_000,
    });
    assert.equal(code, 0, output);
    assert.match(output, /http:\/\/127\.0\.0\.1:\d+\//);
    assert.match(output, /Ghost text came\./);
  });
});
