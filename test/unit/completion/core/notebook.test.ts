import assert from "node:assert/strict";
import { type Cell, cellPath, otherCells } from "../../../../src/completion/core/notebook";
import { originOf, typedSince } from "../../../../src/completion/core/origin";
import { postprocess } from "../../../../src/completion/core/postprocess/index";
import { buildPrompt } from "../../../../src/completion/core/prompt";
import { cursorIn } from "./support";

const code = (text: string, languageId = "python"): Cell => ({ kind: "code", languageId, text });
const markdown = (text: string): Cell => ({ kind: "markup", languageId: "markdown", text });

const cells: readonly Cell[] = [
  markdown("# Sales\n\nMonthly figures."),
  code("import pandas as pd\n"),
  code("SELECT * FROM sales", "sql"),
  code("%%bash\nls -l"),
  code("%%time\nsales = pd.read_csv('sales.csv')"),
  code("sales."),
  code("   \n"),
  markdown("## Later"),
  code("sales.plot()"),
];

describe("the cells of a notebook", () => {
  it("are read in their order, in the cell's language, with Markdown above as comments", () => {
    assert.deepEqual(otherCells(cells, 5, 6), {
      above: "# # Sales\n# Monthly figures.\n\nimport pandas as pd\n\nsales = pd.read_csv('sales.csv')\n\n",
      below: "\n\nsales.plot()",
    });
  });

  it("are Markdown only around a Markdown cell", () => {
    assert.deepEqual(otherCells(cells, 7, 0), { above: "# Sales\n\nMonthly figures.\n\n", below: "" });
  });

  it("have nothing to say to a cell of another language", () => {
    assert.deepEqual(otherCells(cells, 2, 3), { above: "-- # Sales\n-- Monthly figures.\n\n", below: "" });
    assert.deepEqual(otherCells(cells, 3, 3), { above: "", below: "" });
  });

  it("of Markdown do not displace code: long cells and embedded images are cut", () => {
    const long = markdown("one line\n".repeat(100));
    const image = markdown(`![plot](data:image/png;base64,${"A".repeat(10_000)})`);
    assert.equal(otherCells([long, image, code("")], 2, 0).above, `${"# one line\n".repeat(12)}\n`);
  });

  it("of a long notebook begin at a line that seldom moves", () => {
    const long = Array.from({ length: 3_000 }, (_, index) => code(`value_${index} = ${"x".repeat(index % 50)}`));
    const starts = new Set<string>();
    for (let offset = 0; offset < 2_000; offset += 50) {
      const { above } = otherCells([...long, code("y".repeat(offset))], long.length, offset);
      assert.ok(above.length < 1 << 16, `${above.length} characters`);
      starts.add(above.slice(0, 20));
    }
    assert.ok(starts.size <= 2, [...starts].join(", "));
    for (const start of starts) assert.match(start, /^(value_|\n)/);
  });

  it("stand before and after the cell's own text in the prompt, and only there", () => {
    const around = otherCells(cells, 5, 6);
    const cursor = cursorIn("x = (sales.|)", { languageId: "python", path: "sales.py", around });
    assert.deepEqual(buildPrompt(cursor), {
      header: "# sales.py\n",
      prefix: `${around.above}x = (sales.`,
      suffix: around.below,
    });
    // Nothing in another cell is open here.
    const open = { above: "print((\n\n", below: "" };
    const inCell = cursorIn("f(a|", { languageId: "python", around: open });
    assert.equal(postprocess(", b)))", inCell)?.text, ", b)");
  });

  it("above are a part of what a suggestion was for, and so are those below", () => {
    const at = (above: string, below: string) =>
      originOf(cursorIn("sales.|", { languageId: "python", around: { above, below } }));
    assert.equal(typedSince(at("a = 1\n\n", "\n\nb"), at("a = 1\n\n", "\n\nb"), 10), "");
    assert.equal(typedSince(at("a = 1\n\n", ""), at("a = 2\n\n", ""), 10), undefined);
    assert.equal(typedSince(at("", "\n\nb"), at("", "\n\nc"), 10), undefined);
  });

  it("are not repeated: neither what is declared above nor what the next cell begins with", () => {
    const around = { above: "import numpy as np\n\n", below: "\n\nprint(total)" };
    const cursor = cursorIn("|", { languageId: "python", around });
    assert.equal(postprocess("import numpy as np\nimport os", cursor), undefined);
    assert.equal(postprocess("total = 3\nprint(total)\nprint(1)", cursor)?.text, "total = 3");
  });

  it("are files of their language", () => {
    assert.equal(cellPath("notebooks/sales.v2.ipynb", "python"), "notebooks/sales.v2.py");
    assert.equal(cellPath("notes", "python"), "notes");
  });
});
