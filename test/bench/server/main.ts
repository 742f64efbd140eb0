import {
  parseServerUrl,
  serverKinds,
  type ServerKind,
  type ServerSettings,
} from "../../../src/backend/server/settings";
import { benchServer, type ServerFigures } from "./people";
import { recordExchanges } from "./record";

/** What the command line says. */
export interface ServerBenchArguments {
  readonly url: string;
  readonly kind: string | undefined;
  readonly model: string | undefined;
  readonly people: number;
  readonly seconds: number;
  readonly seed: number;
  /** A file to record the exchanges to, in place of a measurement. */
  readonly record: string | undefined;
}

/** Measures a server, or records its exchanges. */
export async function runServerBench(options: ServerBenchArguments): Promise<{ server?: ServerFigures }> {
  const key = process.env["GPT2_SERVER_KEY"];
  const kind: ServerKind | undefined = serverKinds.find((known) => known === options.kind);
  const settings: ServerSettings = {
    url: parseServerUrl(options.url),
    kind: kind ?? "auto",
    model: options.model ?? "",
    headers: {},
    key: key === "" ? undefined : key,
    template: "auto",
    timeoutMs: 30_000,
  };
  if (options.record === undefined) return benchServer({ settings, ...options });
  if (!kind) throw new Error(`--record needs --server-kind: ${serverKinds.join(", ")}.`);
  await recordExchanges(settings, kind, options.record);
  return {};
}
