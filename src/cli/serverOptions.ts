import { serverKinds, type ServerSettings } from "../backend/server/settings";
import { isSet, oneOf, string, text, UsageError, type Values, wholeNumber } from "./values";

/** Options of a server in place of the local model. */
export const serverOptionNames = {
  server: text,
  "server-kind": text,
  "server-model": text,
  "server-template": text,
  "server-timeout": text,
} as const;

/** The settings of a server but for its key, which comes from the environment. */
export type ServerOptions = Omit<ServerSettings, "url" | "key" | "headers"> & { readonly address: string };

/** Options of opening a model, which a server has opened already. */
const localOptions = ["model", "backend", "device-map", "precision", "threads", "draft-model", "half", "max-context"];

/** @returns undefined without `--server`. @throws UsageError */
export function serverOptions(values: Values): ServerOptions | undefined {
  const address = string(values, "server");
  const others = Object.keys(serverOptionNames).filter((name) => name !== "server");
  if (address === undefined) {
    const lost = others.find((name) => values[name] !== undefined);
    if (lost !== undefined) throw new UsageError(`--${lost} needs --server URL.`);
    return undefined;
  }
  const local = localOptions.find((name) => values[name] !== undefined || isSet(values, name));
  if (local !== undefined) throw new UsageError(`--${local} is for the local model: it has no use with --server.`);
  return {
    address,
    kind: oneOf(values, "server-kind", ["auto", ...serverKinds]),
    model: string(values, "server-model") ?? "",
    template: string(values, "server-template") ?? "auto",
    timeoutMs: wholeNumber(values, "server-timeout", 30_000, 1),
  };
}
