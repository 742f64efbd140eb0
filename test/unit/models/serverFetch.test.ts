import assert from "node:assert/strict";
import { serverFetch } from "../../../src/models/server/fetch/node";
import { backendFor, requestAfter } from "../../fixtures/servers/backend";
import { llamaCppServer, llamaCppStream } from "../../fixtures/servers/handlers";
import { ProtocolServer } from "../../fixtures/protocolServer";
import { until } from "../../fixtures/until";

describe("connections from Node", () => {
  it("refuse a certificate that nobody trusts, unless the editor is told not to look at it", async () => {
    await using server = await ProtocolServer.start(
      llamaCppServer(() => llamaCppStream([" 42;", "\n", "x"], { fault: "stall" })),
      { tls: true },
    );
    const strict = backendFor(server.url, { key: "k" }, { fetch: serverFetch(() => true) });
    await assert.rejects(strict.describe(), /certificate of .* is not trusted/);
    assert.deepEqual(server.received, []);
    const lax = backendFor(server.url, { key: "k" }, { fetch: serverFetch(() => false) });
    assert.equal((await lax.complete(requestAfter("a = "))).text, "42;");
    const [asked] = server.to("/completion");
    assert.equal(asked?.headers["authorization"], "Bearer k");
    await until(() => server.running === 0);
    assert.equal(asked.aborted, true);
  });

  it("are stopped by an abort, and fail as those of fetch do", async () => {
    const server = await ProtocolServer.start(llamaCppServer(() => ({ fault: "silent" })));
    const backend = backendFor(server.url, {}, { fetch: serverFetch(() => false) });
    await backend.describe();
    const stop = new AbortController();
    const completed = backend.complete(requestAfter("a ="), { signal: stop.signal });
    await until(() => server.to("/completion").length > 0);
    stop.abort();
    assert.equal((await completed).finish, "cancelled");
    await server[Symbol.asyncDispose]();
    await assert.rejects(backend.complete(requestAfter("a =")), /cannot be reached \(ECONNREFUSED\)/);
  });
});
