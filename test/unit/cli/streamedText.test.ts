import assert from "node:assert/strict";
import type { Output } from "../../../src/cli/output";
import { StreamedText } from "../../../src/cli/streamedText";

/** What is printed to stdout. */
class Printed implements Output {
  stdout = "";
  readonly isTerminal = { stdout: false, stderr: false };
  text(part: string): void {
    this.stdout += part;
  }
  json(): void {
    assert.fail();
  }
  note(): void {
    assert.fail();
  }
}

describe("a text that is printed as it is written", () => {
  it("keeps its prompt back until there is text, for the request may be refused", () => {
    const printed = new Printed();
    const streamed = new StreamedText(printed, "def ", "[1] ");
    assert.equal(printed.stdout, "");
    streamed.show("f");
    assert.equal(printed.stdout, "[1] def f");
    streamed.show("f(a");
    streamed.end("f(a):");
    assert.equal(printed.stdout, "[1] def f(a):\n");
  });

  it("shows the prompt of an empty text too, and none that is token ids", () => {
    const empty = new Printed();
    new StreamedText(empty, "def ").end("");
    assert.equal(empty.stdout, "def \n");
    const tokens = new Printed();
    new StreamedText(tokens, [1, 2]).end("a");
    assert.equal(tokens.stdout, "a\n");
  });
});
