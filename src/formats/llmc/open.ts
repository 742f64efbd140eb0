import type { ByteSource } from "../byteSource";
import { ModelFileError } from "../errors";
import type { WeightsFormat } from "../format";
import { checkPlaces, type PlacedTensor, TensorReader } from "../tensorReader";

const magic = 20240326;
const headerBytes = 1024;

/** How numbers are stored, by the version. Those before 3 have no padding and are no longer written. */
const typesByVersion: ReadonlyMap<number, { readonly type: string; readonly bytes: number }> = new Map([
  [3, { type: "F32", bytes: 4 }],
  [5, { type: "BF16", bytes: 2 }],
]);

/**
 * What llm.c trains with and writes: a header of 256 32-bit integers, then the tensors of GPT-2 without names, those of all layers
 * together. Source: `gpt2_write_to_checkpoint` in train_gpt2.cu and `write_model` in train_gpt2.py of github.com/karpathy/llm.c.
 */
export const llmcFormat: WeightsFormat = {
  id: "llmc",
  name: "llm.c",
  endings: [".bin"],
  usualNames: [],
  selfDescribing: true,
  detect: (start) => start.length >= 8 && new DataView(start.buffer, start.byteOffset, 8).getInt32(0, true) === magic,
  open: openLlmc,
};

/** @throws ModelFileError when the header makes no sense, or the file has another size than it says. The source is then disposed. */
async function openLlmc(source: ByteSource): Promise<TensorReader> {
  try {
    const wrong = (why: string) => new ModelFileError(`${source.name} is not a usable llm.c file: ${why}.`);
    if (source.size < headerBytes) throw wrong("it ends inside its header, so it is cut short");
    const header = new Int32Array(new Uint8Array(await source.read(0, headerBytes)).buffer);
    const [, version = 0, positions = 0, vocabSize = 0, layers = 0, heads = 0, width = 0, rows = 0] = header;
    const stored = typesByVersion.get(version);
    if (stored === undefined) throw wrong(`it has version ${version}, and only 3 and 5 are known`);
    if ([positions, vocabSize, layers, heads, width, rows].some((size) => size < 1 || size > 2 ** 24)) {
      throw wrong("one of its sizes makes no sense");
    }
    if (rows < vocabSize) throw wrong(`it has ${rows} rows for ${vocabSize} tokens`);
    // Before any list is made: a layer has twelve tensors.
    if (12 * layers * width * width * stored.bytes > source.size) throw wrong("it is cut short");
    const placed: PlacedTensor[] = [];
    let offset = headerBytes;
    for (const { name, shape, stored: storedShape } of tensors({ positions, vocabSize, layers, width, rows })) {
      const [numbers, storedNumbers] = [product(shape), product(storedShape)];
      placed.push({ name, shape, type: stored.type, byteLength: numbers * stored.bytes, offset, source });
      offset += storedNumbers * stored.bytes;
    }
    if (offset !== source.size) throw wrong(`it has ${source.size} bytes, and its sizes ask for ${offset}`);
    checkPlaces(source, placed);
    const metadata = new Map(Object.entries({ positions, vocabSize, layers, heads, width }));
    return new TensorReader("llmc", [source], metadata, new Map(placed.map((tensor) => [tensor.name, tensor])));
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

interface Sizes {
  readonly positions: number;
  readonly vocabSize: number;
  readonly layers: number;
  readonly width: number;
  /** Rows of the token embedding, those that pad it included. */
  readonly rows: number;
}

/** The tensors by Hugging Face's names in the order of the file, linear weights `[out, in]`; `stored` counts padding. */
function* tensors({ positions, vocabSize, layers, width, rows }: Sizes) {
  const whole = (name: string, shape: readonly number[]) => ({ name, shape, stored: shape });
  yield { name: "wte.weight", shape: [vocabSize, width], stored: [rows, width] };
  yield whole("wpe.weight", [positions, width]);
  const inLayers: readonly (readonly [name: string, shape: readonly number[]])[] = [
    ["ln_1.weight", [width]],
    ["ln_1.bias", [width]],
    ["attn.c_attn.weight", [3 * width, width]],
    ["attn.c_attn.bias", [3 * width]],
    ["attn.c_proj.weight", [width, width]],
    ["attn.c_proj.bias", [width]],
    ["ln_2.weight", [width]],
    ["ln_2.bias", [width]],
    ["mlp.c_fc.weight", [4 * width, width]],
    ["mlp.c_fc.bias", [4 * width]],
    ["mlp.c_proj.weight", [width, 4 * width]],
    ["mlp.c_proj.bias", [width]],
  ];
  for (const [name, shape] of inLayers) {
    for (let layer = 0; layer < layers; layer++) yield whole(`h.${layer}.${name}`, shape);
  }
  yield whole("ln_f.weight", [width]);
  yield whole("ln_f.bias", [width]);
}

function product(shape: readonly number[]): number {
  return shape.reduce((sum, size) => sum * size, 1);
}
