import { nodeModelFiles } from "../../formats/nodeFiles";
import { printable } from "../../formats/printable";
import { type FileInspection, inspectFiles, type VocabularySummary } from "../../gpt2/weights/inspect";
import type { InspectCommand } from "../arguments";
import type { Output } from "../output";

/**
 * Prints what a model's files hold, without reading the weights, and why it cannot be used if so.
 * @returns whether it can be used
 */
export async function inspect({ path, json }: InspectCommand, output: Output): Promise<boolean> {
  const inspection = await inspectFiles(await nodeModelFiles(path));
  if (json) output.json(inspection);
  else output.text(describeInspection(inspection));
  return inspection.config !== undefined;
}

/** An inspection as a text for a person. What files say is made safe to print. */
export function describeInspection(inspection: FileInspection): string {
  const { name, format, config, vocabulary, parameters, problem, fileBytes, storage, tensors } = inspection;
  const size = parameters === undefined ? "" : `, ${(parameters / 1e6).toFixed(1)} M parameters`;
  return [
    `${printable(name)}: ${format}, ${megabytes(fileBytes)}${size}`,
    ...(problem === undefined ? [] : ["", config === undefined ? `Cannot be used: ${problem}` : problem]),
    ...(config === undefined ? [] : ["", "Config"]),
    ...Object.entries(config ?? {}).map(([key, value]) => `  ${key.padEnd(20)} ${printable(String(value))}`),
    ...(vocabulary === undefined ? [] : describeVocabulary(vocabulary)),
    "",
    "Types",
    ...storage.map(
      ({ type, tensors: count, bytes }) =>
        `  ${printable(type).padEnd(8)} ${String(count).padStart(4)} tensors  ${megabytes(bytes)}`,
    ),
    "",
    "Tensors",
    ...tensors.map(
      (tensor) =>
        `  ${printable(tensor.name).padEnd(36)} ${printable(tensor.type).padEnd(6)} [${tensor.shape.join(", ")}]`,
    ),
    "",
  ].join("\n");
}

function describeVocabulary({ name, roles, tokens, merges, added }: VocabularySummary): string[] {
  const counts = { tokens, merges, "added tokens": added };
  return [
    "",
    "Vocabulary",
    `  ${"name".padEnd(20)} ${name}`,
    ...Object.entries(counts).flatMap(([what, count]) =>
      count === undefined ? [] : [`  ${what.padEnd(20)} ${count}`],
    ),
    ...Object.entries(roles).map(([role, { token, id }]) => `  ${role.padEnd(20)} ${id} ${printable(token)}`),
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
