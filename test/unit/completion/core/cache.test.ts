import assert from "node:assert/strict";
import { CompletionCache } from "../../../../src/completion/core/cache";
import { cursorIn } from "./support";

describe("CompletionCache", () => {
  const remember = (document: string, text: string) => {
    const cache = new CompletionCache();
    cache.add(cursorIn(document), text);
    return (other: string) => cache.find(cursorIn(other))?.text;
  };

  it("answers at the position itself and along the text", () => {
    const find = remember("const a = |\nb", "f(1, 2);");
    assert.equal(find("const a = |\nb"), "f(1, 2);");
    assert.equal(find("const a = f(|\nb"), "1, 2);");
    assert.equal(find("const a = f(1, 2)|\nb"), ";");
  });
  it("does not answer where something else was typed, or after the text's end", () => {
    const find = remember("const a = |", "f(1);");
    assert.equal(find("const a = g|"), undefined);
    assert.equal(find("const a = f(1);|"), undefined);
    assert.equal(find("const a =|"), undefined);
  });
  it("answers after a letter was typed and deleted", () => {
    const cache = new CompletionCache();
    cache.add(cursorIn("a|"), "bc");
    cache.add(cursorIn("ax|"), "yz");
    assert.equal(cache.find(cursorIn("ax|"))?.text, "yz");
    assert.equal(cache.find(cursorIn("a|"))?.text, "bc");
    assert.equal(cache.find(cursorIn("ab|"))?.text, "c");
  });
  it("remembers that nothing follows, at that position only", () => {
    const find = remember("a;|", "");
    assert.equal(find("a;|"), "");
    assert.equal(find("a;b|"), undefined);
  });
  it("keeps a text when the editor closes brackets after the cursor", () => {
    const find = remember("const a = |\nb();", "f(1);");
    assert.equal(find("const a = f(|)\nb();"), "1);");
    assert.equal(find("const a = f(|)\nc();"), undefined);
    const block = remember("if (a) |\nb();", "{\n  c();\n}");
    assert.equal(block("if (a) {\n  |\n}\nb();"), "c();\n}");
  });
  it("distinguishes documents and surroundings", () => {
    const cache = new CompletionCache();
    cache.add(cursorIn("a|"), "b");
    assert.equal(cache.find(cursorIn("a|", { document: "file:///b.ts" }))?.text, undefined);
    assert.equal(cache.find(cursorIn("xa|"))?.text, undefined);
  });
  it("finds its place in a long document whose window has moved", () => {
    const line = "const value = compute(1, 2, 3);\n";
    const long = Array.from({ length: 1000 }, (_, index) => `${index} ${line}`).join("");
    const cache = new CompletionCache();
    cache.add(cursorIn(`${long}let |`), "a = 1;");
    assert.equal(cache.find(cursorIn(`${long.slice(16_384)}let a = |`))?.text, "1;");
    assert.equal(cache.find(cursorIn(`${long.replace("999 const", "999 let")}let a = |`))?.text, undefined);
  });
  it("evicts the least recently used entry", () => {
    const cache = new CompletionCache(2);
    cache.add(cursorIn("a|"), "1");
    cache.add(cursorIn("b|"), "2");
    assert.equal(cache.find(cursorIn("a|"))?.text, "1");
    cache.add(cursorIn("c|"), "3");
    assert.equal(cache.find(cursorIn("b|"))?.text, undefined);
    assert.equal(cache.find(cursorIn("a|"))?.text, "1");
    cache.clear();
    assert.equal(cache.find(cursorIn("a|"))?.text, undefined);
  });
});
