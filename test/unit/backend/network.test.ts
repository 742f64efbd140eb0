import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";

/** What can open a connection in Node, in a browser, or in the editor. */
const connections =
  /\bfetch\s*\(|= fetch\b|XMLHttpRequest|WebSocket|EventSource|sendBeacon|RTCPeerConnection|["'](node:)?(http|https|http2|net|tls|dgram|dns)["']/;

/** The client of a server, the client of the hub, and a page that reads the extension's own files. */
const allowed = [
  "src/backend/server/http/client.ts",
  "src/cli/server.ts",
  "src/hub/client.ts",
  "src/models/server/fetch/node.ts",
  "src/models/server/fetch/web.ts",
  "src/webviewEngine/webview/main.ts",
];

describe("the network", () => {
  it("is used by nothing but the client of a server that a person has set up, and the download of models", () => {
    const files = globSync("src/**/*.ts").map((file) => file.replaceAll("\\", "/"));
    assert.ok(files.length > 300);
    const found = files.filter((file) => connections.test(withoutComments(readFileSync(file, "utf8"))));
    assert.deepEqual(found.toSorted(), allowed.toSorted());
  });

  it("is not open to the panel's page", () => {
    const page = readFileSync("src/diagnostics/html.ts", "utf8");
    assert.match(page, /default-src 'none'/);
    assert.doesNotMatch(page, /connect-src/);
  });

  it("is open to the engine's page for the files of the extension alone", () => {
    const page = readFileSync("src/webviewEngine/html.ts", "utf8");
    assert.match(page, /default-src 'none'/);
    assert.deepEqual(page.match(/connect-src[^`]*/g), ["connect-src ${cspSource}"]);
  });
});

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
