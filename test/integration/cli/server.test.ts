import assert from "node:assert/strict";
import { llamaCppServer, llamaCppStream } from "../../fixtures/servers/handlers";
import { json as jsonReply, ProtocolServer } from "../../fixtures/protocolServer";
import { gpt2, json } from "./support";

const place = "test/fixtures/sample-workspace/src/cart.ts:10:5";

describe("the command line with a server", () => {
  it("completes, with the key of the environment", async () => {
    await using server = await ProtocolServer.start(llamaCppServer(() => llamaCppStream(["return", " 42;", "\n"])));
    const run = await gpt2(["complete", place, "--server", server.url], undefined, { GPT2_SERVER_KEY: "k" });
    assert.deepEqual(run, { code: 0, stdout: "return 42;\n", stderr: "" });
    assert.equal(server.to("/completion")[0]?.headers["authorization"], "Bearer k");
  });

  it("generates a stream, and JSON", async () => {
    await using server = await ProtocolServer.start(llamaCppServer(() => llamaCppStream([" + b", ";"])));
    const args = ["generate", "--prompt", "return a", "--server", server.url];
    assert.deepEqual(await gpt2(args), { code: 0, stdout: "return a + b;\n", stderr: "" });
    const { texts, finish } = json(await gpt2([...args, "--json"])) as { texts: string[]; finish: string[] };
    assert.deepEqual([texts, finish], [[" + b;"], ["endOfText"]]);
  });

  it("ends all texts when the time is up", async () => {
    await using server = await ProtocolServer.start(llamaCppServer(() => llamaCppStream(["b"], { fault: "stall" })));
    const args = ["generate", "--prompt", "a", "--batch-size", "2", "--max-time", "0.3", "--json"];
    const { finish } = json(await gpt2([...args, "--server", server.url])) as { finish: string[] };
    assert.deepEqual(finish, ["time", "time"]);
    assert.equal(server.to("/completion").length, 1);
  });

  it("names its own option for a server that is not there, and prints no prompt", async () => {
    const { code, stdout, stderr } = await gpt2(["generate", "--prompt", "a", "--server", "http://localhost:1"]);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, /^gpt2: localhost:1 cannot be reached.*Check that it runs, and --server\.\n$/);
  });

  it("says what is wrong with a server, and what servers do not do", async () => {
    await using server = await ProtocolServer.start(() => jsonReply({ error: { message: "no" } }, 401));
    const refused = await gpt2(["complete", place, "--server", server.url]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /answers with status 401\. Set its key .*It says: no/);
    const beams = await gpt2(["generate", "--prompt", "a", "--beams", "2", "--server", server.url]);
    assert.equal(beams.code, 2);
    assert.match(beams.stderr, /--beams needs a local model/);
    const rotate = await gpt2(["generate", "--prompt", "a", "--context-end", "rotate", "--server", server.url]);
    assert.equal(rotate.code, 2);
    assert.match(rotate.stderr, /--context-end rotate needs a local model/);
  });
});
