import assert from "node:assert/strict";
import { seededRandom } from "../../src/generation/sampling/random";
import { e2eResults } from "../harness/e2eResults";
import { Desk } from "../harness/person/desk";
import { flickersOf } from "../harness/person/flicker";
import { copySample } from "../harness/sampleWorkspace";
import { INSTALLED_VSIX } from "../harness/vsix";

const text = `import type { Item } from "./cart";

export class Basket {
  private readonly items: Item[] = [];

  add(item: Item): void {
    this.items.push(item);
  }

  get count(): number {
    return this.items.length;
  }
}
`;

describe("a person who writes a file key by key and accepts what is right", () => {
  it("gets that file, and sees nothing flicker", async () => {
    await using desk = await Desk.open({
      file: "src/basket.ts",
      language: "typescript",
      tabSize: 2,
      random: seededRandom(1),
      pace: { key: 80, line: 250, read: 150, mistakes: 0.03 },
      server: { extensions: INSTALLED_VSIX, logFolder: e2eResults("person") },
      fill: copySample,
    });
    const { accepted, faults } = await desk.write({ text });
    assert.equal(await desk.saved(), text, faults.join("\n"));
    const record = await desk.person.record();
    const flickers = flickersOf(record);
    // One exception would be more than 1 % of so few keys: on a busy machine, a frame can still show what fitted the key before.
    assert.ok(flickers.length <= Math.max(1, record.keys.length / 100), JSON.stringify(flickers));
    assert.ok(accepted.length > 0, "nothing was right");
  });
});
