import assert from "node:assert/strict";
import { EngineClient } from "../../../src/engine/client";
import type { EngineState } from "../../../src/engine/engineState";
import { EngineError } from "../../../src/engine/errors";
import type { ModelDescription, OpenOptions, ToHost, ToWorker } from "../../../src/engine/protocol";
import type { WorkerLink } from "../../../src/engine/workerLink";
import { ModelFileError } from "../../../src/formats/errors";

/** A worker that answers as the test says: what the client does when a real one dies cannot be timed otherwise. */
class ScriptedWorker implements WorkerLink {
  readonly received: ToWorker[] = [];
  disposed = false;
  #toHost: (message: ToHost) => void = () => undefined;
  #died: (reason: string) => void = () => undefined;

  constructor(private readonly answer: (message: ToWorker, worker: ScriptedWorker) => void) {}

  post(message: ToWorker): void {
    this.received.push(message);
    queueMicrotask(() => this.answer(message, this));
  }
  onMessage(listener: (message: ToHost) => void): void {
    this.#toHost = listener;
  }
  onDeath(listener: (reason: string) => void): void {
    this.#died = listener;
  }
  send(message: ToHost): void {
    this.#toHost(message);
  }
  die(reason: string): void {
    this.#died(reason);
  }
  [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }
}

/** Time that passes when the test says so. */
class ManualClock {
  #now = 0;
  readonly #alarms = new Set<{ readonly at: number; readonly task: () => void }>();

  readonly schedule = (task: () => void, ms: number): Disposable => {
    const alarm = { at: this.#now + ms, task };
    this.#alarms.add(alarm);
    return { [Symbol.dispose]: () => void this.#alarms.delete(alarm) };
  };

  get waiting(): number {
    return this.#alarms.size;
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const alarm of [...this.#alarms]) {
      if (alarm.at > this.#now) continue;
      this.#alarms.delete(alarm);
      alarm.task();
    }
  }
}

const open: OpenOptions = {
  location: { kind: "path", path: "m.gguf" },
  precision: "int8",
  threads: 1,
  cacheFolder: undefined,
};
const description = {
  name: "m",
  storage: "gguf",
  info: { loadMs: 1, backend: "kernels", precision: "int8", threads: 1 },
} as ModelDescription;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const request = {
  prompt: "x",
  maxTokens: 1,
  sampling: { temperature: 0, topK: 0, topP: 1, seed: 0 },
};

function clientOf(
  answer: (message: ToWorker, worker: ScriptedWorker) => void,
  more: Partial<ConstructorParameters<typeof EngineClient>[0]> = {},
) {
  const workers: ScriptedWorker[] = [];
  const states: EngineState["kind"][] = [];
  const client = new EngineClient({
    spawn: () => {
      const worker = new ScriptedWorker(answer);
      workers.push(worker);
      return Promise.resolve(worker);
    },
    model: () => Promise.resolve(open),
    log: quiet,
    ...more,
  });
  client.onDidChangeState((state) => states.push(state.kind));
  return { client, workers, states };
}

/** Opens models and answers everything else with `value`. */
function healthy(value: unknown) {
  return (message: ToWorker, worker: ScriptedWorker) => {
    if (message.kind !== "call") return;
    worker.send({ kind: "result", id: message.id, value: message.method === "open" ? description : value });
  };
}

describe("EngineClient", () => {
  it("starts nothing by itself, one worker for calls at the same time, and ends it when disposed", async () => {
    const { client, workers, states } = clientOf(healthy({ text: "y" }));
    assert.equal(await client.stats(), undefined);
    assert.equal(workers.length, 0);
    await Promise.all([client.generate(request), client.generate(request), client.describe()]);
    assert.equal(workers.length, 1);
    assert.deepEqual(states, ["loading", "ready"]);
    await client[Symbol.asyncDispose]();
    assert.equal(workers[0]?.disposed, true);
    await assert.rejects(client.describe(), /closed/);
  });

  it("knows how much of the model is loaded", async () => {
    const { client } = clientOf((message, worker) => {
      if (message.kind !== "call") return;
      if (message.method === "open") worker.send({ kind: "progress", id: message.id, value: 0.5 });
      worker.send({ kind: "result", id: message.id, value: description });
    });
    const states: EngineState[] = [];
    client.onDidChangeState((state) => states.push(state));
    await client.describe();
    assert.deepEqual(states.slice(0, 2), [{ kind: "loading" }, { kind: "loading", share: 0.5 }]);
    assert.equal(states.at(-1)?.kind, "ready");
    await client[Symbol.asyncDispose]();
  });

  it("forwards several texts and a beam search as they grow, and counts them as finished", async () => {
    const timings = { newTokens: 3 };
    const { client } = clientOf((message, worker) => {
      if (message.kind !== "call") return;
      const progress = {
        generateSeveral: { index: 1, text: "on" },
        beamSearch: "like",
        textLoss: 0.5,
        open: undefined,
      };
      const { id, method } = message;
      worker.send({ kind: "progress", id, value: progress[method as keyof typeof progress] });
      worker.send({ kind: "result", id, value: method === "open" ? description : { timings } });
    });
    const seen: unknown[] = [];
    const onProgress = (value: unknown) => seen.push(value);
    client.onDidFinish((value) => seen.push(value));
    const { prompt, ...options } = request;
    await client.generateSeveral({ ...options, texts: [{ prompt, sampling: request.sampling }] }, { onProgress });
    await client.beamSearch({ ...request, beams: 2, count: 1, lengthPenalty: 1 }, { onText: onProgress });
    await client.textLoss({ text: "x" }, { onProgress });
    assert.deepEqual(seen, [{ index: 1, text: "on" }, timings, "like", timings, 0.5]);
    await client[Symbol.asyncDispose]();
  });

  it("forwards text as it grows, and a cancellation", async () => {
    const { client } = clientOf((message, worker) => {
      if (message.kind === "cancel") worker.send({ kind: "result", id: message.id, value: { finish: "cancelled" } });
      else if (message.method === "generate") {
        worker.send({ kind: "progress", id: message.id, value: "on" });
        worker.send({ kind: "progress", id: message.id, value: "once" });
      } else worker.send({ kind: "result", id: message.id, value: description });
    });
    const controller = new AbortController();
    const texts: string[] = [];
    const result = await client.generate(request, {
      signal: controller.signal,
      onText: (text) => {
        texts.push(text);
        if (text === "once") controller.abort();
      },
    });
    assert.deepEqual(texts, ["on", "once"]);
    assert.equal(result.finish, "cancelled");
  });

  it("starts a new worker after a death, and reports a second one in a row once", async () => {
    let deaths = 2;
    const { client, workers, states } = clientOf((message, worker) => {
      if (message.kind === "call" && message.method === "generate" && deaths-- > 0) worker.die("out of memory");
      else healthy({ text: "y" })(message, worker);
    });
    await assert.rejects(client.generate(request), EngineError);
    assert.equal(client.state.kind, "idle");
    await assert.rejects(client.generate(request), EngineError);
    assert.equal(client.state.kind, "failed");
    await assert.rejects(client.generate(request), /twice in a row \(out of memory\)/);
    assert.equal(workers.length, 2);
    await client.restart();
    await client.generate(request);
    assert.equal(workers.length, 3);
    assert.deepEqual(states, ["loading", "ready", "idle", "loading", "ready", "failed", "idle", "loading", "ready"]);
  });

  it("forgives a death after a call that had a result", async () => {
    let calls = 0;
    const { client } = clientOf((message, worker) => {
      if (message.kind === "call" && message.method === "generate" && ++calls % 2 === 1) worker.die("killed");
      else healthy({ text: "y" })(message, worker);
    });
    for (let i = 0; i < 3; i++) {
      await assert.rejects(client.generate(request), /killed/);
      await client.generate(request);
    }
    assert.equal(client.state.kind, "ready");
  });

  it("keeps the failure of a model that cannot be opened, without retrying at each call", async () => {
    let opened = 0;
    const { client, workers } = clientOf((message, worker) => {
      if (message.kind !== "call") return;
      opened++;
      worker.send({
        kind: "error",
        id: message.id,
        error: { type: "ModelFileError", message: "m.gguf ends early.", detail: undefined },
      });
    });
    await assert.rejects(client.generate(request), ModelFileError);
    await assert.rejects(client.generate(request), /ends early/);
    assert.equal(opened, 1);
    assert.equal(workers[0]?.disposed, true);
    assert.equal(client.state.kind, "failed");
  });

  it("ends the worker after a time without a call, and starts one with the next call", async () => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const { client, workers, states } = clientOf(healthy({ text: "y" }), {
      unloadAfter: () => 300_000,
      schedule: clock.schedule,
      log: { ...quiet, info: (line) => void lines.push(line) },
    });
    await Promise.all([client.generate(request), client.generate(request)]);
    clock.pass(299_999);
    await client.generate(request);
    await client.stats();
    clock.pass(299_999);
    assert.equal(client.state.kind, "ready");
    clock.pass(1);
    assert.equal(client.state.kind, "idle");
    assert.equal(workers[0]?.disposed, true);
    assert.match(lines.at(-1) ?? "", /^The model was unloaded after 5 minutes without a request\.$/);
    assert.equal(await client.stats(), undefined);
    await client.generate(request);
    assert.deepEqual(states, ["loading", "ready", "idle", "loading", "ready"]);
    assert.equal(workers.length, 2);
    await client[Symbol.asyncDispose]();
    assert.equal(clock.waiting, 0);
  });

  it("does not end the worker while a call runs, or when it is told never to", async () => {
    const clock = new ManualClock();
    let minutes = 1;
    let finish: () => void = () => undefined;
    const answer = (message: ToWorker, worker: ScriptedWorker) => {
      if (message.kind === "call" && message.method === "candidates") finish = () => healthy([])(message, worker);
      else healthy({ text: "y" })(message, worker);
    };
    const { client } = clientOf(answer, { unloadAfter: () => minutes * 60_000, schedule: clock.schedule });
    await client.describe();
    const long = client.inspect("candidates", {
      prompt: { header: "", prefix: "x", suffix: "" },
      maxTokens: 1,
      healing: false,
      count: 1,
    });
    await client.generate(request);
    clock.pass(3_600_000);
    assert.equal(client.state.kind, "ready");
    minutes = 0;
    finish();
    await long;
    clock.pass(3_600_000);
    assert.equal(client.state.kind, "ready");
    await client[Symbol.asyncDispose]();
  });

  it("writes the worker's warnings to the log", async () => {
    const warnings: string[] = [];
    const { client } = clientOf(
      (message, worker) => {
        if (message.kind === "call" && message.method === "open")
          worker.send({ kind: "warning", message: "full disk" });
        healthy({ text: "y" })(message, worker);
      },
      { log: { ...quiet, warn: (line) => void warnings.push(line) } },
    );
    await client.describe();
    assert.deepEqual(warnings, ["full disk"]);
  });

  it("can be restarted while the model is being opened", async () => {
    let silent = true;
    const { client, workers } = clientOf((message, worker) => {
      if (!silent) healthy({ text: "y" })(message, worker);
    });
    const first = client.describe();
    await new Promise((resolve) => setTimeout(resolve, 5));
    silent = false;
    await Promise.all([client.restart(), assert.rejects(first, /stopped/)]);
    assert.equal((await client.describe()).name, "m");
    assert.equal(workers[0]?.disposed, true);
    assert.equal(client.state.kind, "ready");
  });
});
