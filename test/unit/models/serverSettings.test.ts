import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isUnencrypted, parseServerUrl } from "../../../src/backend/server/settings";
import { readServerSettings, type SettingValues } from "../../../src/models/server/settings";

/** Settings by level, as the editor keeps them. */
function configuration(levels: Readonly<Record<string, SettingValues>>) {
  return {
    get: <T>(key: string, fallback: T): T => {
      const { workspaceValue, globalValue } = levels[key] ?? {};
      return (workspaceValue ?? globalValue ?? fallback) as T;
    },
    inspect: (key: string) => levels[key],
  };
}

describe("the settings of a server", () => {
  it("are none without an address", () => {
    assert.equal(readServerSettings(configuration({})), undefined);
    assert.equal(readServerSettings(configuration({ url: { globalValue: "  " } })), undefined);
  });

  it("have defaults, also for values that are not valid", () => {
    const url = { globalValue: "localhost:8080" };
    const { url: read, ...others } = readServerSettings(configuration({ url })) ?? {};
    assert.equal(read?.href, "http://localhost:8080/");
    assert.deepEqual(others, { kind: "auto", model: "", headers: {}, template: "auto", timeoutMs: 2000 });
    const odd = { url, kind: { globalValue: "x" }, timeout: { globalValue: -1 } };
    assert.deepEqual(readServerSettings(configuration(odd))?.kind, "auto");
    assert.deepEqual(readServerSettings(configuration(odd))?.timeoutMs, 2000);
  });

  it("take the headers from where the address is set", () => {
    const headers = { globalValue: { "X-Token": "mine" }, workspaceValue: { "x-team": "theirs" } };
    const mine = configuration({ url: { globalValue: "http://a" }, headers });
    assert.deepEqual(readServerSettings(mine)?.headers, { "x-token": "mine" });
    const theirs = configuration({ url: { globalValue: "http://a", workspaceValue: "http://b" }, headers });
    assert.deepEqual(readServerSettings(theirs)?.headers, { "x-team": "theirs" });
    const bare = configuration({ url: { workspaceValue: "http://b" }, headers: { globalValue: { a: "mine" } } });
    assert.deepEqual(readServerSettings(bare)?.headers, {});
  });

  it("refuse headers that would be something else", () => {
    for (const headers of [{ "a b": "1" }, { a: "1\r\nb: 2" }, { a: 1 }]) {
      const settings = configuration({ url: { globalValue: "http://a" }, headers: { globalValue: headers } });
      assert.throws(() => readServerSettings(settings), /is not valid/);
    }
  });
});

describe("the settings of a server in the manifest", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
    readonly contributes: {
      readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope?: string }>> };
    };
  };

  it("are off, and not taken from a workspace that is not trusted", () => {
    const restricted = new Set(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations);
    const { properties } = manifest.contributes.configuration;
    const names = Object.keys(properties).filter((name) => name.startsWith("gpt2.server."));
    assert.deepEqual(
      names.filter((name) => !restricted.has(name)),
      ["gpt2.server.timeout"],
    );
    for (const name of names) assert.equal(properties[name]?.scope, "machine-overridable", name);
    assert.deepEqual(properties["gpt2.server.url"], { ...properties["gpt2.server.url"], default: "" });
  });
});

describe("parseServerUrl", () => {
  it("removes the path of the API", () => {
    const found = [
      "http://h:1/v1",
      "http://h:1/v1/",
      "h:1/v1/completions",
      "http://h:1/api/generate",
      "http://h:1/infill",
    ];
    for (const url of found) assert.equal(parseServerUrl(url).href, "http://h:1/");
    assert.equal(parseServerUrl("https://h/team/v1").href, "https://h/team/");
    assert.equal(parseServerUrl("https://h/team").href, "https://h/team/");
  });

  it("refuses other protocols, passwords, and what is no address", () => {
    assert.throws(() => parseServerUrl("ftp://h"), /http:\/\/ or https:\/\//);
    assert.throws(() => parseServerUrl("http://me:pass@h"), /contains a password/);
    assert.throws(() => parseServerUrl("http://"), /not an address/);
  });

  it("knows what is encrypted", () => {
    assert.equal(isUnencrypted(new URL("http://box.example")), true);
    for (const url of ["https://box.example", "http://localhost:1", "http://127.0.0.1", "http://[::1]:2"]) {
      assert.equal(isUnencrypted(new URL(url)), false);
    }
  });
});
