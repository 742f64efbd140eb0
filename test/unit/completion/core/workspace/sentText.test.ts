import { assert } from "chai";
import type { TextChange } from "../../../../../src/completion/core/workspace/openText";
import { changesOfBeginning } from "../../../../../src/completion/core/workspace/sentText";

function apply(text: string, changes: readonly TextChange[]): string {
  return changes.reduce(
    (left, { offset, length, text: inserted }) => left.slice(0, offset) + inserted + left.slice(offset + length),
    text,
  );
}

describe("changesOfBeginning", () => {
  it("leaves out what comes after what was sent, and cuts what goes beyond its end", () => {
    const changes = [
      { offset: 12, length: 1, text: "later" },
      { offset: 10, length: 0, text: "at the end" },
      { offset: 8, length: 6, text: "across" },
      { offset: 0, length: 2, text: "" },
    ];
    assert.deepEqual(changesOfBeginning(10, changes), {
      changes: [
        { offset: 8, length: 2, text: "across" },
        { offset: 0, length: 2, text: "" },
      ],
      length: 12,
    });
  });

  it("leaves the changes of a whole document as they are", () => {
    const changes = [{ offset: 5_000_000, length: 7, text: "x" }];
    assert.deepEqual(changesOfBeginning(Infinity, changes), { changes, length: Infinity });
  });

  it("gives the document's text where slices and edits of any kind come in turn", () => {
    let seed = 1;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 200; round++) {
      let document = "0123456789".repeat(1 + random(20));
      let received = "";
      let sent = 0;
      while (sent < document.length) {
        const slice = document.slice(sent, sent + 1 + random(30));
        received += slice;
        sent += slice.length;
        const changes = Array.from({ length: random(4) }, () => {
          const offset = random(document.length + 1);
          const change = {
            offset,
            length: random(document.length - offset + 1),
            text: "abcdefgh".slice(0, random(9)),
          };
          document = apply(document, [change]);
          return change;
        });
        const own = changesOfBeginning(sent, changes);
        received = apply(received, own.changes);
        sent = own.length;
        assert.equal(sent, received.length);
        assert.isTrue(document.startsWith(received));
      }
      assert.equal(received, document);
    }
  });
});
