import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { HubServer } from "../../fixtures/hubServer";
import { oracleGreedy } from "../../fixtures/oracleTensors";
import { writeSafetensorsModel } from "../../fixtures/safetensorsWriter";
import { exit, type Generated, gpt2, json, start } from "./support";

describe("models on the command line", () => {
  let folder: string;
  let server: HubServer;
  let weights: Uint8Array;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gpt2-models-"));
    const source = path.join(folder, "source");
    await writeSafetensorsModel(source, "gpt2-tiny");
    const file = async (name: string) => new Uint8Array(await readFile(path.join(source, name)));
    weights = await file("model.safetensors");
    server = await HubServer.start({
      "test/gpt2-tiny": { "config.json": await file("config.json"), "model.safetensors": weights },
    });
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const models = (...args: readonly string[]) => [
    "models",
    ...args,
    "--folder",
    store(),
    "--endpoint",
    server.endpoint,
  ];
  const store = () => path.join(folder, "store");
  const partial = () => path.join(store(), "test--gpt2-tiny", "model.safetensors.partial");

  it("shows the license before anything is downloaded, then the path of the model, which runs", async () => {
    const refused = await gpt2(models("download", "test/gpt2-tiny"));
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /license: MIT \(https:.*\)\n.*--accept-license/);
    assert.equal(server.requestsFor("model.safetensors").length, 0);

    const { code, stdout } = await gpt2(models("download", "test/gpt2-tiny", "--accept-license"));
    assert.deepEqual([code, stdout], [0, `${path.join(store(), "test--gpt2-tiny")}\n`]);
    const args = ["generate", "--tokens", "15496,13", "--count", "40", "--temperature", "0", "--precision", "f32"];
    const result = json(await gpt2([...args, "--model", stdout.trim(), "--json"])) as Generated;
    assert.deepEqual(result.tokens, [oracleGreedy("gpt2-tiny.short")]);

    const list = json(await gpt2(models("list", "--json"))) as {
      installed: { repository: string; complete: boolean }[];
    };
    assert.deepEqual(
      list.installed.map(({ repository, complete }) => [repository, complete]),
      [["test/gpt2-tiny", true]],
    );
    assert.match(
      (await gpt2(models("list"))).stdout,
      /test\/gpt2-tiny .*\n\nFor download\n {2}openai-community\/gpt2 /,
    );
    assert.equal((await gpt2(models("delete", "test/gpt2-tiny"))).code, 0);
    assert.deepEqual(await readdir(store()), []);
    assert.match((await gpt2(models("delete", "test/gpt2-tiny"))).stderr, /is not there/);
  });

  it("goes on where a killed process ended, though that left its lock", async () => {
    server.pauseMs = 5;
    const child = start(models("download", "test/gpt2-tiny", "--accept-license"));
    const ended = exit(child);
    while (((await stat(partial()).catch(() => undefined))?.size ?? 0) < weights.length / 4) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill("SIGKILL");
    await ended;
    assert.ok((await readdir(store())).includes("test--gpt2-tiny.lock"));
    const { size } = await stat(partial());
    assert.match((await gpt2(models("list"))).stdout, /test\/gpt2-tiny +\d+ % of /);

    server.pauseMs = 0;
    assert.equal((await gpt2(models("download", "test/gpt2-tiny", "--accept-license"))).code, 0);
    assert.equal(server.requestsFor("model.safetensors").at(-1)?.range, `bytes=${size}-`);
    const model = path.join(store(), "test--gpt2-tiny");
    assert.deepEqual(new Uint8Array(await readFile(path.join(model, "model.safetensors"))), weights);
    assert.deepEqual(await readdir(store()), ["test--gpt2-tiny"]);
  });

  it("is shared by two processes that want the same model", async () => {
    server.pauseMs = 2;
    const runs = [1, 2].map(() => gpt2(models("download", "test/gpt2-tiny", "--accept-license")));
    for (const { code, stderr } of await Promise.all(runs)) assert.equal(code, 0, stderr);
    assert.equal(server.requestsFor("model.safetensors").length, 1);
  });

  it("says what is wrong in one line", async () => {
    const { code, stdout, stderr } = await gpt2(models("download", "test/none", "--accept-license"));
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^gpt2: 127\.0\.0\.1:\d+ has no test\/none\. .+\n$/);
    server.token = "hf_right";
    const locked = await gpt2(models("download", "test/gpt2-tiny", "--accept-license"), undefined, {
      HF_TOKEN: "hf_no",
    });
    assert.match(locked.stderr, /token gives no access/);
    const open = await gpt2(models("download", "test/gpt2-tiny", "--accept-license"), undefined, {
      HF_TOKEN: "hf_right",
    });
    assert.equal(open.code, 0);
    assert.doesNotMatch(locked.stderr + open.stderr, /hf_/);
  });
});

describe("the network", () => {
  it("is not used by anything but models download", async () => {
    const environment = { NODE_OPTIONS: `--import=${pathToFileURL("test/fixtures/noNetwork.mjs").href}` };
    const quiet = [
      ["complete", "test/fixtures/sample-workspace/src/cart.ts:10:5"],
      ["generate", "--prompt", "const a = ", "--count", "3"],
      ["inspect", "models/gpt2-code-mini"],
      ["models", "list", "--folder", path.join(tmpdir(), "gpt2-no-such-folder")],
    ];
    for (const args of quiet) {
      const { code, stderr } = await gpt2(args, undefined, environment);
      assert.equal(code, 0, `${args.join(" ")}\n${stderr}`);
      assert.doesNotMatch(stderr, /^network: /m);
    }
    const { stderr } = await gpt2(["models", "download", "a/b"], undefined, {
      ...environment,
      HF_ENDPOINT: "http://127.0.0.1:49999",
    });
    assert.match(stderr, /^network: /m, "the guard does not work");
  });
});
