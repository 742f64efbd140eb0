import assert from "node:assert/strict";
import { parseModelSetting } from "../../../src/models/setting";

describe("parseModelSetting", () => {
  const cases: [value: string, expected: ReturnType<typeof parseModelSetting>][] = [
    ["", { kind: "bundled" }],
    ["  ", { kind: "bundled" }],
    ["/models/a.gguf", { kind: "absolute", path: "/models/a.gguf" }],
    [String.raw`C:\models\a.gguf`, { kind: "absolute", path: String.raw`C:\models\a.gguf` }],
    [String.raw`\\server\share`, { kind: "absolute", path: String.raw`\\server\share` }],
    ["~/models/gpt2", { kind: "absolute", path: "/home/ada/models/gpt2" }],
    ["~", { kind: "absolute", path: "/home/ada" }],
    ["~backup/a.gguf", { kind: "relative", path: "~backup/a.gguf" }],
    ["models/a.gguf", { kind: "relative", path: "models/a.gguf" }],
    ["./a.gguf", { kind: "relative", path: "./a.gguf" }],
    ["vscode-vfs://github/ada/models", { kind: "uri", uri: "vscode-vfs://github/ada/models" }],
  ];
  for (const [value, expected] of cases) {
    it(`reads “${value}” as ${expected.kind}`, () => assert.deepEqual(parseModelSetting(value, "/home/ada"), expected));
  }

  it("reads a path below a home folder that does not exist as homeless", () => {
    assert.deepEqual(parseModelSetting("~/a.gguf", undefined), { kind: "homeless", path: "~/a.gguf" });
  });
});
