import assert from "node:assert/strict";
import { heldOutFiles, type SourceFile } from "../../eval/files";
import { drawPlaces, kinds, type Kind, languages } from "../../eval/places";

const file = (text: string, path = "src/a.ts", lang = "typescript"): SourceFile => ({ repo: "r", path, lang, text });

/** What is before the cursor in its line, what is wanted and what is after it, of all places of a kind. */
function places(text: string, kind: Kind, path?: string, lang?: string): Set<string> {
  const found = new Set<string>();
  for (let seed = 1; seed <= 40; seed++) {
    for (const { prefix, wanted, suffix } of drawPlaces([file(text, path, lang)], 1, seed, [kind])) {
      found.add(`${prefix.slice(prefix.lastIndexOf("\n") + 1)}▏${wanted}▕${suffix}`);
    }
  }
  return found;
}

describe("evaluation: places", () => {
  it("finds the rest of the line after signs", () => {
    const text = "const a = f(one, two);\n";
    assert.deepEqual(places(text, "after ("), new Set(["const a = f(▏one, two);▕\n"]));
    assert.deepEqual(places(text, "after ="), new Set(["const a =▏ f(one, two);▕\n", "const a = ▏f(one, two);▕\n"]));
    assert.deepEqual(places(text, "after ,"), new Set(["const a = f(one,▏ two);▕\n", "const a = f(one, ▏two);▕\n"]));
    assert.deepEqual(
      places(text, "after a space"),
      new Set(["const ▏a = f(one, two);▕\n", "const a ▏= f(one, two);▕\n"]),
    );
    assert.deepEqual(places("ab.cd.efg\n", "after ."), new Set(["ab.▏cd.efg▕\n", "ab.cd.▏efg▕\n"]));
  });

  it("takes comparisons, arrows and spread for what they are", () => {
    assert.throws(() => places("if (a === bcd || c >= defg) (x) => xyz\n", "after ="), RangeError);
    assert.throws(() => places("f(...rest, .75, ' .abc')\n", "after ."), RangeError);
  });

  it("is inside a word after two of its letters, and wants three characters", () => {
    assert.deepEqual(places("abcde;\n", "inside a word"), new Set(["ab▏cde;▕\n", "abc▏de;▕\n"]));
  });

  it("wants the next line after the indentation, or at the end of the line before", () => {
    const text = "first();\n\n  second();  \n}\n";
    assert.deepEqual(places(text, "new line"), new Set(["  ▏second();▕\n}\n"]));
    assert.deepEqual(places(text, "line end"), new Set(["first();▏\n\n  second();▕\n}\n"]));
  });

  it("takes all of a body away, and wants its first line", () => {
    const text = "if (a) {\n  one();\n\n  if (b) {\n    two();\n  }\n}\nend();\n";
    assert.deepEqual(
      places(text, "empty body"),
      new Set(["  ▏one();▕\n}\nend();\n", "    ▏two();▕\n  }\n}\nend();\n"]),
    );
    const python = "def f(a):\n    x = a\n    return x\n\n\ny = f(1)\n";
    assert.deepEqual(places(python, "empty body", "a.py", "python"), new Set(["    ▏x = a▕\n\n\ny = f(1)\n"]));
  });

  it("draws the same places for a seed, no place twice, as many of each kind and language", async () => {
    const files = await heldOutFiles();
    const drawn = drawPlaces(files, 120, 7);
    assert.deepEqual(drawPlaces(files, 60, 7), drawn.slice(0, 60));
    const ids = new Set(drawn.map(({ file: { path }, prefix }) => `${path}:${prefix.length}`));
    assert.equal(ids.size, 120);
    assert.notDeepEqual(drawPlaces(files, 20, 8), drawn.slice(0, 20));
    for (const kind of kinds) assert.equal(drawn.filter((place) => place.kind === kind).length, 12, kind);
    for (const language of languages) {
      assert.equal(drawn.filter((place) => place.language === language).length, 40, language);
    }
    for (const { file: source, prefix, wanted, suffix } of drawn) {
      assert.ok(source.text.startsWith(prefix + wanted));
      assert.ok(source.text.endsWith(suffix));
    }
  });

  it("says when there are not enough", () => {
    assert.throws(() => drawPlaces([file("a(bcd)\n")], 2, 1, ["after ("]), /fewer than 2/);
  });
});
