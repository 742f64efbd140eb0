import { longDraftBytes, soak, type SoakReport } from "../fixtures/soak";
import { collectGarbage } from "./garbage";
import { printTable } from "./table";

/** Operations after which everything has been used that will be used. */
const settling = 1000;
/** Memory that may come and go: what the JavaScript engine keeps for itself. */
const toleratedScriptBytes = 8 * 2 ** 20;

/**
 * Random work against an engine that recomputes everything, and the memory in its course.
 * @throws AssertionError when a token differs, Error when memory grew after the first thousand operations.
 */
export async function benchSoak(operations: number, seed: number, threads: number): Promise<{ soak: SoakReport }> {
  const began = performance.now();
  const beforeSample = (done: number) => {
    collectGarbage();
    console.log(`${done} operations, ${((performance.now() - began) / 1000).toFixed(0)} s`);
  };
  const report = await soak({ operations, seed, threads, samples: 20, beforeSample });
  printTable(
    "Memory in MB",
    ["operations", "WASM heap", "caches", "JavaScript"],
    report.memory.map((sample) => [
      String(sample.operations),
      sample.heap / 2 ** 20,
      sample.caches / 2 ** 20,
      sample.script / 2 ** 20,
    ]),
  );
  const { completions, generated, cancelled, tokens, computed, recomputed } = report;
  console.log(
    `\n${operations} operations (seed ${seed}): ${completions} completions, ${cancelled} of them and of the texts cancelled, ` +
      `${generated} texts generated; ${tokens} tokens, all as without a cache. ` +
      `The engine computed ${computed} tokens, the other one ${recomputed}.`,
  );
  const [settled, ...later] = report.memory.filter((sample) => sample.operations >= settling);
  const last = later.at(-1);
  if (settled && last) {
    if (last.heap > settled.heap + longDraftBytes)
      throw new Error(`The WASM heap grew by ${last.heap - settled.heap} bytes.`);
    if (last.script > settled.script + toleratedScriptBytes) {
      throw new Error(`JavaScript's memory grew by ${last.script - settled.script} bytes.`);
    }
  }
  return { soak: report };
}
