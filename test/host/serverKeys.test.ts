import { assert } from "chai";
import { ServerKeys } from "../../src/models/server/keys";
import { TestSecrets } from "./testSecrets";

describe("ServerKeys", () => {
  it("follow the keys of servers, and no other secrets", async () => {
    const secrets = new TestSecrets();
    const keys = new ServerKeys(secrets);
    let changes = 0;
    const subscription = keys.onDidChange(() => changes++);
    await secrets.store("gpt2.huggingFaceToken https://hub.test", "hf_x");
    assert.equal(changes, 0);
    await secrets.store("gpt2.server.key https://server.test", "k");
    assert.equal(changes, 1);
    assert.equal(await keys.get(new URL("https://server.test/v1")), "k");
    subscription.dispose();
  });
});
