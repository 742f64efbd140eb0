import type { ByteSource } from "./byteSource";
import { ModelFileError } from "./errors";
import { detectionBytes, type OpenSibling, type WeightsFormat } from "./format";
import { ggufFormat } from "./gguf/open";
import { llmcFormat } from "./llmc/open";
import { onnxFormat } from "./onnx/open";
import { otherKindOfFile } from "./otherKinds";
import { pytorchFormat } from "./pytorch/open";
import { safetensorsFormat } from "./safetensors/open";
import { tensorflowFormat } from "./tensorflow/open";
import type { TensorReader } from "./tensorReader";

/** Every format that weights are read from. A new one is an entry here and in {@link FormatId}. */
export const formats: readonly WeightsFormat[] = [
  ggufFormat,
  safetensorsFormat,
  pytorchFormat,
  onnxFormat,
  tensorflowFormat,
  llmcFormat,
];

/** The format whose files usually have a name like this. */
export function formatByEnding(fileName: string): WeightsFormat | undefined {
  const name = fileName.toLowerCase();
  return formats.find(({ endings }) => endings.some((ending) => name.endsWith(ending)));
}

/** The format of a file by its content. */
export async function detectFormat(source: ByteSource): Promise<WeightsFormat | undefined> {
  const start = await source.read(0, Math.min(detectionBytes, source.size));
  return formats.find((format) => format.detect(start, source.size));
}

/**
 * Opens a file of tensors in whichever format it is.
 * @param openSibling for formats that keep numbers in further files
 * @throws ModelFileError when it is in none of {@link formats}, damaged or cut short. The source is then disposed.
 */
export async function openTensorFile(source: ByteSource, openSibling?: OpenSibling): Promise<TensorReader> {
  let format: WeightsFormat | undefined;
  try {
    // A file that is too damaged to be recognized is refused by the format that its name promises, which can say what is wrong.
    format = (await detectFormat(source)) ?? (await promisedFormat(source));
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
  return format.open(source, openSibling);
}

async function promisedFormat(source: ByteSource): Promise<WeightsFormat> {
  const start = await source.read(0, Math.min(detectionBytes, source.size));
  const other = otherKindOfFile(start);
  if (other !== undefined) throw new ModelFileError(`${source.name} holds no weights that can be read: ${other}`);
  const format = formatByEnding(source.name);
  if (format !== undefined) return format;
  throw new ModelFileError(
    `${source.name} is in no format that can be read. Readable are ${formats.map(({ name }) => name).join(", ")}.`,
  );
}
