import assert from "node:assert/strict";
import { MemoryFiles } from "../../../src/formats/memory";
import { baseModels } from "../../fuzz/baseModels";
import { fuzzFormats, opensWhole } from "../../fuzz/formats";

describe("damaged model files", function () {
  this.timeout(120_000);

  it("are models that open before they are damaged", async () => {
    for (const [format, files] of await baseModels())
      assert.ok(await opensWhole(new MemoryFiles(format, files)), format);
  });

  it("are refused with a message or read to the end, and never left open", async () => {
    const { tried, refused, failures } = await fuzzFormats(2000, 20251125);
    assert.deepEqual(failures, []);
    assert.ok(refused > tried / 2, `only ${refused} of ${tried} were refused`);
  });
});
