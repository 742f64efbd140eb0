import { nodeModelFiles } from "../../formats/nodeFiles";
import { inspectModel, type ModelInspection } from "../../gpt2/weights/inspect";
import type { InspectCommand } from "../arguments";
import type { Output } from "../output";

/** Describes a model's files, without reading the weights. */
export async function inspect({ path, json }: InspectCommand, output: Output): Promise<void> {
  const inspection = await inspectModel(await nodeModelFiles(path));
  if (json) output.json(inspection);
  else output.text(describe(inspection));
}

function describe({ name, format, config, parameters, fileBytes, storage, tensors }: ModelInspection): string {
  return [
    `${name}: ${format}, ${megabytes(fileBytes)}, ${(parameters / 1e6).toFixed(1)} M parameters`,
    "",
    "Config",
    ...Object.entries(config).map(([key, value]) => `  ${key.padEnd(20)} ${String(value)}`),
    "",
    "Quantization",
    ...storage.map(
      (part) => `  ${part.type.padEnd(8)} ${String(part.tensors).padStart(4)} tensors  ${megabytes(part.bytes)}`,
    ),
    "",
    "Tensors",
    ...tensors.map((tensor) => `  ${tensor.name.padEnd(36)} ${tensor.type.padEnd(6)} [${tensor.shape.join(", ")}]`),
    "",
  ].join("\n");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
