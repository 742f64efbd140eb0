import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as { readonly contributes: object };
const texts = JSON.parse(readFileSync("package.nls.json", "utf8")) as Readonly<Record<string, string>>;

/** Every string of the manifest, with the property that holds it. */
function stringsOf(value: unknown, property = ""): [property: string, text: string][] {
  if (typeof value === "string") return [[property, value]];
  if (Array.isArray(value)) return value.flatMap((item) => stringsOf(item, property));
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, item]) => stringsOf(item, key));
}

const keyOf = (text: string) => /^%(.+)%$/.exec(text)?.[1];

describe("the texts of the manifest", () => {
  const used = new Set(stringsOf(manifest).flatMap(([, text]) => keyOf(text) ?? []));

  it("are all in package.nls.json, which has no others", () => {
    assert.deepEqual([...used].toSorted(), Object.keys(texts).toSorted());
    for (const [key, text] of Object.entries(texts)) assert.notEqual(text.trim(), "", key);
  });

  it("are keys wherever a person reads them", () => {
    const readable = /^(title|category|altText|(markdown)?[dD]escription|(markdown)?[eE]numDescriptions)$/;
    const literal = stringsOf(manifest.contributes).filter(
      ([property, text]) => readable.test(property) && !keyOf(text),
    );
    assert.deepEqual(literal, []);
  });

  it("name only settings and commands that exist", () => {
    const { contributes } = manifest as {
      readonly contributes: {
        readonly commands: readonly { readonly command: string }[];
        readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
      };
    };
    const settings = new Set(Object.keys(contributes.configuration.properties));
    const commands = new Set(contributes.commands.map(({ command }) => command));
    const all = Object.values(texts).join("\n");
    for (const [, setting = ""] of all.matchAll(/`#([^`]+)#`/g))
      assert.ok(settings.has(setting) || /^(files|search)\./.test(setting), setting);
    for (const [, command = ""] of all.matchAll(/\(command:(gpt2\.\w+)/g)) assert.ok(commands.has(command), command);
  });

  it("use no formatting in the walkthrough that it does not have", () => {
    const steps = Object.entries(texts).filter(([key]) => key.startsWith("walkthrough."));
    assert.ok(steps.length > 4);
    for (const [key, text] of steps) assert.ok(!text.includes("`"), key);
  });

  it("name GPT-2 in the editor's context menu, where commands have no category", () => {
    const { menus, commands } = manifest.contributes as {
      readonly menus: { readonly "editor/context": readonly { readonly command: string }[] };
      readonly commands: readonly { readonly command: string; readonly title: string }[];
    };
    const inMenu = new Set(menus["editor/context"].map(({ command }) => command));
    const titles = commands.flatMap(({ command, title }) => (inMenu.has(command) ? texts[keyOf(title) ?? ""] : []));
    assert.equal(titles.length, inMenu.size);
    for (const title of titles) assert.match(title ?? "", /GPT-2/);
  });
});
