import { writeFile } from "node:fs/promises";
import { ServerBackend } from "../../../src/backend/server/serverBackend";
import type { ServerKind, ServerSettings } from "../../../src/backend/server/settings";
import { type Exchange, recordingFetch } from "../../fixtures/servers/exchanges";
import { askEverything } from "../../fixtures/servers/scenario";

/** Asks a server everything that a client does, and writes the exchanges down for the tests (test/fixtures/servers). */
export async function recordExchanges(settings: ServerSettings, kind: ServerKind, file: string): Promise<void> {
  const exchanges: Exchange[] = [];
  const ignore = () => undefined;
  const backend = new ServerBackend({
    settings: { ...settings, kind },
    fetch: recordingFetch(exchanges),
    log: { info: ignore, warn: ignore },
  });
  const results = await askEverything(backend);
  await writeFile(file, `${JSON.stringify({ exchanges, results }, undefined, 1)}\n`);
}
