import assert from "node:assert/strict";
import type { FromPage } from "../../../src/webviewEngine/protocol";
import { type WorkerEvents, WorkerSessions } from "../../../src/webviewEngine/webview/workerSessions";

const script = new Uint8Array([1]);
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A worker that keeps what it gets. */
class FakeWorker {
  readonly received: unknown[] = [];
  terminated = false;
  /** The worker's ends of its ports. */
  ports: { readonly assets: MessagePort; readonly files: MessagePort } | undefined;

  constructor(readonly events: WorkerEvents) {}

  postMessage(message: unknown): void {
    if (this.ports) this.received.push(message);
    else this.ports = message as NonNullable<FakeWorker["ports"]>;
  }

  terminate(): void {
    this.terminated = true;
    this.ports?.assets.close();
    this.ports?.files.close();
  }
}

/** A page whose files are read when the test says so. */
function create() {
  const posted: FromPage[] = [];
  const workers: FakeWorker[] = [];
  const reads: { readonly path: string; readonly end: (failure?: Error) => void }[] = [];
  const sessions = new WorkerSessions({
    post: (message) => posted.push(message),
    readAsset: (path) =>
      new Promise((resolve, reject) =>
        reads.push({ path, end: (failure) => (failure ? reject(failure) : resolve(script)) }),
      ),
    startWorker: (_, events) => {
      const worker = new FakeWorker(events);
      workers.push(worker);
      return worker;
    },
  });
  const start = async (session: number) => {
    sessions.receive({ kind: "start", session });
    reads.at(-1)?.end();
    await settle();
  };
  const dispose = () => {
    for (const worker of workers) worker.terminate();
  };
  return { sessions, posted, workers, reads, start, [Symbol.dispose]: dispose };
}

describe("the workers of the page that hosts the engine", () => {
  it("start with the engine's script, and exchange messages and files with the host", async () => {
    using page = create();
    const { sessions, posted, workers, reads, start } = page;
    await start(1);
    assert.deepEqual([reads[0]?.path, posted], ["web/webviewWorker.js", [{ kind: "started", session: 1 }]]);
    const [worker] = workers;
    sessions.receive({ kind: "toWorker", session: 1, message: { kind: "cancel", id: 4 } });
    assert.deepEqual(worker?.received, [{ kind: "cancel", id: 4 }]);
    worker.events.onMessage({ kind: "warning", message: "hm" });
    assert.deepEqual(posted.at(-1), { kind: "fromWorker", session: 1, message: { kind: "warning", message: "hm" } });

    const answers: unknown[] = [];
    assert.ok(worker.ports);
    worker.ports.files.onmessage = ({ data }: { readonly data: unknown }) => answers.push(data);
    worker.ports.files.postMessage({ id: 7, request: { kind: "model", path: "tiny" } });
    await settle();
    assert.equal(posted.at(-1)?.kind, "file");
    const answer = { id: 7, value: new Uint8Array([5, 6]) };
    sessions.receive({ kind: "file", session: 1, answer });
    await settle();
    assert.deepEqual(answers, [{ id: 7, value: new Uint8Array([5, 6]) }]);
    assert.equal(answer.value.byteLength, 0, "the bytes were handed on without a copy");
  });

  it("do not start when they were stopped, or another was started, before the script was read", async () => {
    using page = create();
    const { sessions, posted, workers, reads } = page;
    sessions.receive({ kind: "start", session: 1 });
    sessions.receive({ kind: "stop", session: 1 });
    reads[0]?.end();
    await settle();
    sessions.receive({ kind: "start", session: 2 });
    sessions.receive({ kind: "start", session: 3 });
    reads[2]?.end();
    reads[1]?.end();
    await settle();
    assert.equal(workers.length, 1);
    assert.deepEqual(posted, [{ kind: "started", session: 3 }]);
  });

  it("get nothing that is meant for another session", async () => {
    using page = create();
    const { sessions, workers, start } = page;
    await start(1);
    await start(2);
    assert.deepEqual(
      workers.map(({ terminated }) => terminated),
      [true, false],
    );
    sessions.receive({ kind: "toWorker", session: 1, message: { kind: "cancel", id: 4 } });
    sessions.receive({ kind: "stop", session: 1 });
    assert.deepEqual([workers[1]?.received, workers[1]?.terminated], [[], false]);
    sessions.receive({ kind: "stop", session: 2 });
    sessions.receive({ kind: "toWorker", session: 2, message: { kind: "cancel", id: 4 } });
    assert.deepEqual([workers[1]?.received, workers[1]?.terminated], [[], true]);
  });

  it("are reported when they fail, or cannot start", async () => {
    using page = create();
    const { sessions, posted, workers, reads, start } = page;
    await start(1);
    workers[0]?.events.onError("out of memory");
    assert.deepEqual(posted.at(-1), { kind: "died", session: 1, reason: "out of memory" });
    sessions.receive({ kind: "start", session: 2 });
    reads.at(-1)?.end(new Error("no such file"));
    await settle();
    assert.deepEqual(posted.at(-1), { kind: "died", session: 2, reason: "Error: no such file" });
    sessions.receive({ kind: "start", session: 3 });
    sessions.receive({ kind: "stop", session: 3 });
    reads.at(-1)?.end(new Error("too late"));
    await settle();
    assert.deepEqual(posted.at(-1), { kind: "died", session: 2, reason: "Error: no such file" });
  });
});
