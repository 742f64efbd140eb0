import { chooseFim, type FimChoice } from "./fim/choose";
import type { Fetch } from "./http/fetch";
import { HttpClient } from "./http/client";
import type { ServerConnection, ServerProtocol } from "./protocols/protocol";
import { protocolFor } from "./protocols/registry";
import type { ServerSettings } from "./settings";

/** A server whose kind and model are known. */
export interface OpenConnection extends ServerConnection {
  readonly protocol: ServerProtocol;
  readonly fim: FimChoice;
}

/**
 * Asks a server what it is. Sends no text of a document.
 * @throws ServerError see {@link ServerError.problem}
 */
export async function connect(settings: ServerSettings, fetch: Fetch): Promise<OpenConnection> {
  const http = new HttpClient({ fetch, ...settings });
  const protocol = await protocolFor(settings.kind, http);
  const facts = await protocol.describe(http, settings.model);
  return { http, protocol, facts, fim: chooseFim(settings.template, facts) };
}
