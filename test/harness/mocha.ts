/** Runs compiled Mocha tests in this process: `mocha.js TIMEOUT_MS GLOB…`. */
import { glob } from "node:fs/promises";
import Mocha from "mocha";
import { formatCounts, runMocha } from "./results";

async function main(): Promise<void> {
  const [timeout = "0", ...patterns] = process.argv.slice(2);
  const mocha = new Mocha({ ui: "bdd", timeout: Number(timeout), reporter: "spec" });
  const files: string[] = [];
  for await (const file of glob(patterns)) files.push(file);
  for (const file of files.sort()) mocha.addFile(file);
  await mocha.loadFilesAsync();
  const counts = await runMocha(mocha);
  console.log(formatCounts(counts));
  process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
