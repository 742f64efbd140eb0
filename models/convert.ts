import { mkdir, open } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { parseArgs } from "node:util";
import { ModelFileError } from "../src/formats/errors";
import { nodeModelFiles } from "../src/formats/nodeFiles";
import type { TypedValue, WritableType } from "../src/formats/gguf/write";
import { mergedWeights } from "../src/gpt2/adapters/mergedWeights";
import { openAdapter } from "../src/gpt2/adapters/openAdapter";
import { openWeights } from "../src/gpt2/weights/openWeights";
import { ggufModel } from "./ggufModel";
import { vocabularyMetadata } from "./vocabularyMetadata";

const usage =
  "Usage: npm run convert -- FOLDER|FILE OUT.gguf [--type q8_0|q4_0|f16|bf16|f32] [--adapter PATH] [--name NAME] [--license SPDX]";

const types: ReadonlyMap<string, WritableType> = new Map([
  ["q8_0", "Q8_0"],
  ["q4_0", "Q4_0"],
  ["f16", "F16"],
  ["bf16", "BF16"],
  ["f32", "F32"],
]);

/** Converts a model in any format that opens to GGUF, with a LoRA adapter merged into it if one is given. */
async function convert(argv: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      type: { type: "string", default: "q8_0" },
      adapter: { type: "string" },
      name: { type: "string" },
      license: { type: "string" },
    },
  });
  const [model, out, tooMany] = positionals;
  const type = types.get(values.type);
  if (model === undefined || out === undefined || tooMany !== undefined || type === undefined) {
    console.error(usage);
    return 2;
  }
  const metadata = new Map<string, TypedValue>();
  if (values.license !== undefined) metadata.set("general.license", { type: "string", value: values.license });

  await using opened = await openWeights(await nodeModelFiles(model));
  const adapter = values.adapter && (await openAdapter(await nodeModelFiles(values.adapter), opened.config));
  const weights = adapter ? mergedWeights(opened, adapter) : opened;
  const { metadata: vocabulary, problem } = vocabularyMetadata(weights);
  if (problem !== undefined) console.error(`The file will have no vocabulary. ${problem}`);
  const name = values.name ?? basename(out).replace(/\..*$/, "");
  await mkdir(dirname(out), { recursive: true });
  await using file = await open(out, "w");
  let bytes = 0;
  for await (const part of ggufModel(weights, { name, type, vocabulary, metadata })) {
    await file.writeFile(part);
    bytes += part.length;
  }
  console.log(`${out}: ${type}, ${bytes} bytes`);
  return 0;
}

convert(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof ModelFileError || error instanceof RangeError ? error.message : error);
    process.exitCode = 1;
  },
);
