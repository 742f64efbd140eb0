import { ServerBackend } from "../backend/server/serverBackend";
import { parseServerUrl } from "../backend/server/settings";
import type { Output } from "./output";
import { inCommandLineTerms } from "./serverTerms";
import type { ServerOptions } from "./serverOptions";

/** The environment variable with the server's key. */
const keyVariable = "GPT2_SERVER_KEY";

/** Opens a server that the command line names. @throws ServerError */
export async function openServer({ address, ...options }: ServerOptions, output: Output): Promise<ServerBackend> {
  const key = process.env[keyVariable];
  const backend = new ServerBackend({
    settings: { ...options, url: parseServerUrl(address), headers: {}, key: key === "" ? undefined : key },
    fetch: (url, init) => fetch(url, init),
    log: { info: () => undefined, warn: (message) => output.note(`gpt2: ${inCommandLineTerms(message)}\n`) },
  });
  await backend.describe();
  return backend;
}
