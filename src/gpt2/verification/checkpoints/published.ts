import type { Gpt2Config } from "../../config/config";

/** A prompt and the tokens with which a published model continues it greedily. */
export interface PublishedContinuation {
  readonly tokens: readonly number[];
  readonly continuation: readonly number[];
  /** The continuation as text, for people. */
  readonly text: string;
  readonly source: string;
}

export interface PublishedModel {
  readonly name: string;
  readonly shape: Pick<Gpt2Config, (typeof shapeKeys)[number]>;
  /** SHA-256 (hex) of its published files, as far as they are known. */
  readonly sha256: readonly string[];
  readonly continuations: readonly PublishedContinuation[];
}

/** A published continuation that a model should give. */
export interface KnownContinuation extends PublishedContinuation {
  readonly model: string;
  /** How the model was recognized: by its file, which is proof, or by its shape, which a fine-tuned model shares. */
  readonly by: "file" | "shape";
}

/** What is known of the model that a file is, or could be by its shape. */
export function knownContinuations(
  config: Gpt2Config,
  sha256?: string,
  models: readonly PublishedModel[] = publishedModels,
): readonly KnownContinuation[] {
  const hash = sha256?.toLowerCase() ?? "";
  const byFile = models.find((model) => model.sha256.includes(hash));
  const model = byFile ?? publishedShape(config, models);
  const by = byFile === undefined ? "shape" : "file";
  return (model?.continuations ?? []).map((continuation) => ({ ...continuation, model: model?.name ?? "", by }));
}

/** The published model that has this shape. */
export function publishedShape(
  config: Gpt2Config,
  models: readonly PublishedModel[] = publishedModels,
): PublishedModel | undefined {
  return models.find(({ shape }) => shapeKeys.every((key) => shape[key] === config[key]));
}

const shapeKeys = ["architecture", "vocabSize", "contextLength", "width", "layers", "heads"] as const;

const huggingFaceTests = "Hugging Face transformers, tests/models/gpt2";
const tinygrad = "tinygrad, examples/gpt2.py";

export const publishedModels: readonly PublishedModel[] = [
  {
    name: "gpt2",
    shape: { architecture: "gpt2", vocabSize: 50257, contextLength: 1024, width: 768, layers: 12, heads: 12 },
    sha256: [
      "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707",
      "7c5d3f4b8b76583b422fcb9189ad6c89d5d97a094541ce8932dce3ecabde1421",
    ],
    continuations: [
      {
        tokens: [464, 3290],
        continuation: [
          373, 1043, 287, 257, 2214, 1474, 262, 16246, 286, 2688, 290, 2688, 27262, 13, 198, 198, 464, 3290,
        ],
        text: "The dog was found in a field near the intersection of West and West Streets.\n\nThe dog",
        source: huggingFaceTests,
      },
      {
        tokens: [15496, 11, 616, 3290, 318, 257, 1310],
        continuation: [1643, 286, 257, 2085, 13, 314, 1101, 407, 1654, 611, 339, 338, 1016],
        text: "Hello, my dog is a little bit of a mess. I'm not sure if he's going",
        source: huggingFaceTests,
      },
      {
        tokens: [36235, 39141, 18765, 1143, 326, 9061, 561, 530, 1110, 1716],
        continuation: [
          262, 749, 3665, 8217, 319, 262, 5440, 13, 198, 198, 464, 3644, 318, 257, 4572, 326, 460, 1620, 3716, 16765,
          11, 290, 340, 460, 1620, 777, 16765, 287, 257, 835, 326, 318, 845, 2092, 284, 262, 1692, 3632, 13,
        ],
        text:
          "Alan Turing theorized that computers would one day become the most powerful machines on the planet.\n\n" +
          "The computer is a machine that can perform complex calculations, and it can perform these calculations " +
          "in a way that is very similar to the human brain.",
        source: "picoGPT, README",
      },
    ],
  },
  {
    name: "gpt2-medium",
    shape: { architecture: "gpt2", vocabSize: 50257, contextLength: 1024, width: 1024, layers: 24, heads: 16 },
    sha256: [],
    continuations: [
      {
        tokens: [15496, 13],
        continuation: [314, 1101, 257, 1310, 2739, 284, 262, 2151, 11, 475],
        text: "Hello. I'm a little late to the party, but",
        source: tinygrad,
      },
      {
        tokens: [2061, 318, 262, 3280, 284, 1204, 11, 262, 6881, 11, 290, 2279, 30],
        continuation: [198, 198, 464, 3280, 318, 326, 356, 389, 477, 530],
        text: "What is the answer to life, the universe, and everything?\n\nThe answer is that we are all one",
        source: tinygrad,
      },
    ],
  },
];
