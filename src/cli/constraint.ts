import { InputError } from "../generation/errors";
import type { Constraint } from "../generation/sampling/constraints/constraint";
import type { JsonSchema } from "../generation/sampling/constraints/jsonSchema/schema";
import type { GenerateCommand } from "./generateCommand";
import { readTextFile } from "./textFile";

/** What the command line asks the text to match. @throws InputError for a schema that cannot be read or is not JSON */
export async function readConstraint({
  regex,
  jsonSchema,
}: Pick<GenerateCommand, "regex" | "jsonSchema">): Promise<Constraint | undefined> {
  if (regex !== undefined) return { kind: "regex", pattern: regex };
  if (jsonSchema === undefined) return undefined;
  // A schema in place of a file name begins with what no file name does.
  const isInline = /^\s*(\{|true$|false$)/.test(jsonSchema);
  const source = isInline ? jsonSchema : await readTextFile(jsonSchema);
  try {
    return { kind: "jsonSchema", schema: JSON.parse(source) as JsonSchema };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`The JSON schema ${isInline ? "" : `in ${jsonSchema} `}is not JSON: ${reason}`);
  }
}
