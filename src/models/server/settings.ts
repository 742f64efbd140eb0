import { ServerError } from "../../backend/server/errors";
import { parseServerUrl, serverKinds, type ServerSettings } from "../../backend/server/settings";

/** A setting's values at the levels where it can be set, as `vscode.WorkspaceConfiguration.inspect` gives them. */
export interface SettingValues {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

/** The part of `vscode.WorkspaceConfiguration` that is read. */
export interface ServerConfiguration {
  get<T>(key: string, fallback: T): T;
  inspect(key: string): SettingValues | undefined;
}

/** The settings of `gpt2.server`; the key is not among them. */
export type KeylessSettings = Omit<ServerSettings, "key">;

const defaultTimeoutMs = 2000;

/**
 * Reads the section `gpt2.server`. Headers come from where the address comes from: those of the user never go to a server that a workspace
 * names.
 * @returns undefined where no server is set
 * @throws ServerError for settings that are not valid
 */
export function readServerSettings(configuration: ServerConfiguration): KeylessSettings | undefined {
  const address = configuration.get("url", "").trim();
  if (address === "") return undefined;
  const kind = configuration.get<string>("kind", "auto");
  const timeoutMs = configuration.get<number>("timeout", defaultTimeoutMs);
  return {
    url: parseServerUrl(address),
    kind: serverKinds.find((known) => known === kind) ?? "auto",
    model: configuration.get("model", "").trim(),
    headers: readHeaders(headersBesideUrl(configuration)),
    template: configuration.get("template", "auto").trim(),
    timeoutMs: Number.isFinite(timeoutMs) && timeoutMs > 0 ? timeoutMs : defaultTimeoutMs,
  };
}

function headersBesideUrl(configuration: ServerConfiguration): unknown {
  const url = configuration.inspect("url");
  const headers = configuration.inspect("headers");
  if (url?.workspaceFolderValue !== undefined) return headers?.workspaceFolderValue;
  if (url?.workspaceValue !== undefined) return headers?.workspaceValue;
  return headers?.globalValue;
}

/** @throws ServerError */
function readHeaders(value: unknown): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, content] of Object.entries(value ?? {})) {
    // A line break would begin another header.
    if (typeof content !== "string" || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\r\n\0]/.test(content)) {
      throw new ServerError("settings", `The header “${name}” in gpt2.server.headers is not valid.`);
    }
    headers[name.toLowerCase()] = content;
  }
  return headers;
}
