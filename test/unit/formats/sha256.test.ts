import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { MemorySource } from "../../../src/formats/memory";
import { sha256Of } from "../../../src/formats/sha256";

describe("sha256Of", () => {
  it("hashes a file in parts, with a pause after each", async () => {
    const bytes = new Uint8Array(9 * 2 ** 20).map((_, i) => (i * 31) & 255);
    let pauses = 0;
    const hash = await sha256Of(new MemorySource("m", bytes), () => {
      pauses++;
    });
    assert.equal(hash, createHash("sha256").update(bytes).digest("hex"));
    assert.equal(pauses, 3);
  });

  it("hashes nothing, and ends when a pause says so", async () => {
    const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert.equal(await sha256Of(new MemorySource("m", new Uint8Array())), empty);
    const stop = () => Promise.reject(new Error("enough"));
    await assert.rejects(sha256Of(new MemorySource("m", new Uint8Array(1)), stop), /enough/);
  });
});
