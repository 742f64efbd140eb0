import { ServerError } from "../errors";
import type { HttpClient } from "../http/client";
import type { ServerKind } from "../settings";
import { llamaCpp } from "./llamaCpp";
import { ollama } from "./ollama";
import { openAi } from "./openAi";
import type { ServerProtocol } from "./protocol";

/** The protocols in the order in which they are tried: the others speak OpenAI's as well. */
const protocols: readonly ServerProtocol[] = [llamaCpp, ollama, openAi];

/** The protocol of a server, by the setting or by what the server answers. @throws ServerError */
export async function protocolFor(kind: ServerKind | "auto", http: HttpClient): Promise<ServerProtocol> {
  for (const protocol of protocols) {
    if (kind === protocol.kind || (kind === "auto" && (await protocol.recognize(http)))) return protocol;
  }
  throw new ServerError(
    "missing",
    `${http.host} is not a server of a known kind. Check gpt2.server.url, or set gpt2.server.kind.`,
  );
}
