import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { seededRandom } from "../../src/generation/sampling/random";
import { tokenizerFor } from "../../src/tokenizer/tokenizerFor";
import { readCorpus, type CorpusFile } from "./corpus";
import { HeldOutTexts } from "./heldOut";
import { RowPacker } from "./rows";
import { fillInTheMiddle, runningText, samplesIn } from "./samples";

const usage = `Usage: npm run prepare-data -- CORPUS.jsonl[.xz] OUT.u16 --length TOKENS [--seed N] [--share 0.5] [--held-out CORPUS]

Writes rows of TOKENS token ids (p50k_edit, 16 bits each) for train.py, and prints how many and their SHA-256.
--share takes only so large a share of the files, drawn with the seed; --held-out leaves out what is copied from another corpus.`;

/** How many files are shown with middles to fill in; the others are running text. */
const fimShare = 0.65;
/** Running text that is held back, in tokens, so that there is some to fill rows with. */
const reserve = 100_000;

interface Options {
  readonly corpus: string;
  readonly out: string;
  readonly length: number;
  readonly seed: number;
  readonly share: number;
  readonly heldOut: string | undefined;
}

function readOptions(argv: readonly string[]): Options | undefined {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      length: { type: "string", default: "1024" },
      seed: { type: "string", default: "1" },
      share: { type: "string", default: "1" },
      "held-out": { type: "string" },
    },
  });
  const [corpus, out, tooMany] = positionals;
  const [length, seed, share] = [Number(values.length), Number(values.seed), Number(values.share)];
  if (corpus === undefined || out === undefined || tooMany !== undefined) return undefined;
  if (!(Number.isInteger(length) && length >= 64 && Number.isInteger(seed) && share > 0 && share <= 1))
    return undefined;
  return { corpus, out, length, seed, share, heldOut: values["held-out"] };
}

async function prepare({ corpus, out, length, seed, share, heldOut }: Options): Promise<void> {
  const tokenizer = tokenizerFor({ tokenizer: "p50k_edit", vocabSize: 50284 });
  const { fim } = tokenizer;
  if (fim === undefined) throw new Error("p50k_edit has fill-in-the-middle tokens.");
  const random = seededRandom(seed);
  const copies = await heldOutTexts(heldOut);
  const file = openSync(out, "w");
  const hash = createHash("sha256");
  const counts = { files: 0, leftOut: 0, rows: 0, samples: 0 };
  const packer = new RowPacker(length, (row) => {
    const bytes = new Uint8Array(row.buffer);
    hash.update(bytes);
    writeSync(file, bytes);
    counts.rows++;
  });
  const addSamples = (source: CorpusFile) => {
    for (let left = samplesIn(source.text, length, random); left > 0; left--) {
      const sample = fillInTheMiddle(tokenizer, fim, source, length, random);
      if (sample !== undefined && packer.addSample(sample)) counts.samples++;
    }
  };
  for await (const source of readCorpus(corpus)) {
    if (random() >= share) continue;
    counts.files++;
    if (copies.hasCopyOf(source.text)) counts.leftOut++;
    else if (random() < fimShare) addSamples(source);
    else packer.addRunningText(runningText(tokenizer, source, random));
    packer.flush(reserve);
  }
  packer.flush();
  closeSync(file);
  console.log(JSON.stringify({ out, length, tokens: counts.rows * length, ...counts, sha256: hash.digest("hex") }));
}

async function heldOutTexts(corpus: string | undefined): Promise<HeldOutTexts> {
  const texts = new HeldOutTexts();
  if (corpus !== undefined) for await (const { text } of readCorpus(corpus)) texts.add(text);
  return texts;
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else {
  prepare(options).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
