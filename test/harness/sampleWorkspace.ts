import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A place in the sample workspace where a suggestion is sure to come once `typed` is there, and again behind `more`. */
export const SAMPLE = {
  file: "src/cart.ts",
  line: 28,
  typed: "  get count(): number {\nreturn this.",
  more: "items.reduce(",
};

/** A copy of the sample workspace that a test or a person may write to; deleted when disposed. */
export class SampleWorkspace implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async create(): Promise<SampleWorkspace> {
    const parent = await mkdtemp(path.join(tmpdir(), "gpt2-workspace-"));
    const folder = path.join(parent, "sample");
    const workspace = new SampleWorkspace(folder);
    await workspace.restore();
    return workspace;
  }

  /** Puts the files back to what they were. */
  async restore(): Promise<void> {
    await cp(path.resolve("test/fixtures/sample-workspace"), this.folder, { recursive: true });
  }

  /** What is on the disk. */
  read(file: string): Promise<string> {
    return readFile(path.join(this.folder, file), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(path.dirname(this.folder), { recursive: true, force: true, maxRetries: 5 });
  }
}
