import assert from "node:assert/strict";
import { createNonce, pageHtml } from "../../../src/diagnostics/html";

describe("pageHtml", () => {
  const html = pageHtml({
    scriptUri: "https://cdn.test/diagnostics.js",
    styleUris: ["https://cdn.test/page.css", "https://cdn.test/tabs.css"],
    cspSource: "https://cdn.test",
    nonce: "abc123",
  });

  it("lets nothing load but its own script and style sheet", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    assert.equal(policy, "default-src 'none'; style-src https://cdn.test; script-src 'nonce-abc123'");
  });

  it("has no inline script, style or handler", () => {
    assert.deepEqual(html.match(/<script[^>]*>[^<]*/g), [
      '<script nonce="abc123" src="https://cdn.test/diagnostics.js">',
    ]);
    assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=/);
  });

  it("carries the translations as data, whatever characters they have", () => {
    const translations = { "Run All": 'Lance "tout" & <plus>' };
    const page = pageHtml({ scriptUri: "", styleUris: [], cspSource: "", nonce: "", translations });
    const data = /<body data-l10n="([^"]*)">/.exec(page)?.[1] ?? "";
    assert.deepEqual(JSON.parse(data.replaceAll("&quot;", '"').replaceAll("&amp;", "&")), translations);
  });

  it("makes a new nonce for each page", () => {
    const nonces = new Set(Array.from({ length: 100 }, createNonce));
    assert.equal(nonces.size, 100);
    for (const nonce of nonces) assert.match(nonce, /^[0-9a-f]{32}$/);
  });
});
