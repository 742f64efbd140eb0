import { cp, readFile } from "node:fs/promises";
import path from "node:path";
import { TemporaryFolder } from "./processes";

/**
 * A place in the sample workspace where a suggestion is sure to come once `typed` is there, and again after `more`: `src/wishlist.ts` has
 * the line, and the model alone is sure enough of one.
 */
export const SAMPLE = {
  file: "src/cart.ts",
  line: 32,
  typed: "  get count(): number {\nreturn this.",
  more: "items.",
};

/** Copies the sample workspace as it is in the repository to `folder`. */
export async function copySample(folder: string): Promise<void> {
  await cp(path.resolve("test/fixtures/sample-workspace"), folder, { recursive: true });
}

/** A copy of the sample workspace that a test or a person may write to; deleted when disposed. */
export class SampleWorkspace implements AsyncDisposable {
  private constructor(private readonly temporary: TemporaryFolder) {}

  static async create(): Promise<SampleWorkspace> {
    const workspace = new SampleWorkspace(await TemporaryFolder.create("gpt2-workspace"));
    await workspace.restore();
    return workspace;
  }

  get folder(): string {
    return path.join(this.temporary.path, "sample");
  }

  /** Puts the files back to what they were. */
  async restore(): Promise<void> {
    await copySample(this.folder);
  }

  /** What is on the disk. */
  read(file: string): Promise<string> {
    return readFile(path.join(this.folder, file), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.temporary[Symbol.asyncDispose]();
  }
}
