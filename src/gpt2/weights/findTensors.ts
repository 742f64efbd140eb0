import { ModelFileError } from "../../formats/errors";
import { readableTypes } from "../../formats/numbers/decode";
import type { TensorInfo } from "../../formats/tensorFile";
import type { ModelFile } from "./modelFile";
import { tensorShapes } from "./tensorShapes";

/** The fewest tensors that a layer has: its six weights. */
const tensorsOfLayer = 6;

/**
 * The file's tensors by their names in {@link Gpt2Weights}. Others, such as the attention masks of old files, are passed over.
 * @throws ModelFileError naming the tensor that is missing, has a wrong shape, is of a type that cannot be read, or belongs to a layer that the config does not count
 */
export function findTensors({ config, layout, file }: ModelFile): ReadonlyMap<string, TensorInfo> {
  const model = file.sources[0]?.name ?? "The model";
  const inFile = (name: string) => layout.names(name).flatMap((candidate) => file.tensors.get(candidate) ?? [])[0];
  if (config.layers * tensorsOfLayer > file.tensors.size) {
    throw new ModelFileError(
      `${model} holds ${file.tensors.size} tensors, which are too few for the ${config.layers} layers that the model's config asks for.`,
    );
  }
  const beyond = inFile(`h.${config.layers}.ln_1.weight`);
  if (beyond !== undefined) {
    throw new ModelFileError(
      `${model} has more layers than the ${config.layers} that the model's config asks for: it holds the tensor ${beyond.name}.`,
    );
  }
  const found = new Map<string, TensorInfo>();
  for (const [name, shape] of tensorShapes(config)) {
    const tensor = inFile(name);
    if (tensor === undefined) {
      throw new ModelFileError(
        `${model} lacks the tensor ${layout.names(name)[0]}. It is not a complete ${config.architecture} model.`,
      );
    }
    const stored = layout.transposed(name) ? shape.toReversed() : shape;
    if (tensor.shape.join() !== stored.join()) {
      throw new ModelFileError(
        `${model}: the tensor ${tensor.name} has the shape [${tensor.shape.join(", ")}], but the model's config asks for [${stored.join(", ")}].`,
      );
    }
    if (!file.canRead(tensor.name)) {
      throw new ModelFileError(
        `${model}: the tensor ${tensor.name} is stored as ${tensor.type}, which cannot be read. Readable are ${readableTypes.join(", ")}.`,
      );
    }
    found.set(name, tensor);
  }
  return found;
}
