import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const corpus = "test/fixtures/training/corpus.jsonl";

describe("prepare-data", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gpt2-prepare-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  function prepare(...args: readonly string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/models/training/prepare.js", ...args], {
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }

  it("writes the same bytes on every machine", async () => {
    const out = path.join(folder, "rows.u16");
    const { stdout, status } = prepare(corpus, out, "--length", "256", "--seed", "3");
    assert.equal(status, 0);
    const said: unknown = JSON.parse(stdout);
    const bytes = await readFile(out);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    assert.equal(sha256, "2364b2f92b8eb40403f986d397d8162dba4e9ccb926a4942f041494bad0cb480");
    assert.partialDeepStrictEqual(said, { sha256, length: 256, rows: bytes.length / 512 });
  });

  it("leaves out what is held out", () => {
    const out = path.join(folder, "none.u16");
    const { stdout } = prepare(corpus, out, "--length", "256", "--held-out", corpus);
    assert.match(stdout, /"rows":0/);
  });

  it("says what is wrong", () => {
    assert.deepEqual([prepare().status, prepare(corpus, "x", "--length", "5").status], [2, 2]);
    const missing = prepare(path.join(folder, "missing.jsonl"), path.join(folder, "x.u16"));
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /ENOENT.*missing\.jsonl/);
  });
});
