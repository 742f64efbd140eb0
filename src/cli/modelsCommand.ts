import { homedir } from "node:os";
import { join } from "node:path";
import { parseEndpoint, defaultEndpoint } from "../hub/endpoint";
import { DownloadError } from "../hub/errors";
import { type ModelReference, parseReference } from "../hub/repository";
import type { Environment } from "./runOptions";
import { flag, isSet, string, text, UsageError, type Values } from "./values";

export interface ModelsCommand {
  readonly kind: "models";
  readonly action:
    | { readonly kind: "list" }
    | { readonly kind: "download"; readonly reference: ModelReference; readonly acceptLicense: boolean }
    | { readonly kind: "delete"; readonly reference: ModelReference };
  readonly endpoint: URL;
  /** The hub's access token, of `HF_TOKEN`. */
  readonly token: string | undefined;
  /** Where the models are. */
  readonly folder: string;
  readonly json: boolean;
}

/** The options of `models`, besides those of all commands. */
export const modelsOptions = { endpoint: text, folder: text, "accept-license": flag } as const;

/**
 * Reads the arguments of `models`.
 * @param environment `HF_ENDPOINT` and `HF_TOKEN` count, as for Hugging Face's own programs
 * @throws UsageError
 */
export function modelsCommand(values: Values, positionals: readonly string[], environment: Environment): ModelsCommand {
  const endpoint = string(values, "endpoint") ?? environment["HF_ENDPOINT"] ?? "";
  const token = environment["HF_TOKEN"]?.trim();
  return {
    kind: "models",
    action: actionOf(values, positionals),
    endpoint: usable(() => parseEndpoint(endpoint === "" ? defaultEndpoint : endpoint)),
    token: token === "" ? undefined : token,
    folder: string(values, "folder") ?? defaultFolder(environment),
    json: isSet(values, "json"),
  };
}

function actionOf(values: Values, [name, id, surplus]: readonly string[]): ModelsCommand["action"] {
  const acceptLicense = isSet(values, "accept-license");
  if (name === "list" && id === undefined) return { kind: "list" };
  if ((name !== "download" && name !== "delete") || surplus !== undefined) {
    throw new UsageError("Write models list, models download OWNER/NAME, or models delete OWNER/NAME.");
  }
  if (id === undefined) throw new UsageError(`models ${name} needs a model: OWNER/NAME.`);
  const reference = usable(() => parseReference(id));
  return name === "download" ? { kind: name, reference, acceptLicense } : { kind: name, reference };
}

/** Where programs keep what they can get again. */
function defaultFolder(environment: Environment): string {
  const caches = environment["XDG_CACHE_HOME"] ?? environment["LOCALAPPDATA"] ?? join(homedir(), ".cache");
  return join(caches, "gpt2-vscode", "models");
}

function usable<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof DownloadError ? new UsageError(error.message) : error;
  }
}
