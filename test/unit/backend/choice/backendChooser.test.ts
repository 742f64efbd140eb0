import assert from "node:assert/strict";
import { BackendChooser } from "../../../../src/backend/choice/backendChooser";
import { RememberedChoices } from "../../../../src/backend/choice/rememberedChoices";
import type { EngineClient } from "../../../../src/engine/client";
import type { EngineState } from "../../../../src/engine/engineState";
import type { MachineDescription, ModelDescription } from "../../../../src/engine/protocol";
import type { BackendSpeed } from "../../../../src/gpt2/backends/speed";
import type { BackendId } from "../../../../src/gpt2/languageModel";
import { config, machine, options } from "./support";
import { MapStore } from "../../../fixtures/mapStore";

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** The engine as the chooser sees it. */
class FakeEngine {
  state: EngineState = { kind: "idle" };
  machine: MachineDescription = machine;
  /** Milliseconds of a step on each backend. */
  stepMs: Partial<Record<BackendId, number>> = { kernels: 10, onnxruntime: 20, webgpu: 4 };
  /** Whether the next measurement is interrupted. */
  interrupted = false;
  readonly calls: unknown[] = [];
  #onState: (state: EngineState) => void = () => undefined;
  #onFinish: () => void = () => undefined;

  readonly onDidChangeState = (listener: (state: EngineState) => void) => {
    this.#onState = listener;
    return { [Symbol.dispose]: () => undefined };
  };

  readonly onDidFinish = (listener: () => void) => {
    this.#onFinish = listener;
    return { [Symbol.dispose]: () => undefined };
  };

  open(backend: BackendId): void {
    this.state = { kind: "ready", model: { config, info: { backend } } as ModelDescription };
    this.#onState(this.state);
  }

  finishRequest(): void {
    this.#onFinish();
  }

  readonly onBackends = (method: string, params: unknown): Promise<unknown> => {
    if (method === "machine") {
      const backends = this.machine.backends.filter(({ id }) => (params as readonly BackendId[]).includes(id));
      return Promise.resolve({ ...this.machine, backends });
    }
    this.calls.push([method, params]);
    if (method === "moveToBackend") {
      this.open(params as BackendId);
      return Promise.resolve(undefined);
    }
    if (this.interrupted) return Promise.resolve(undefined);
    return Promise.resolve((params as readonly BackendId[]).map((backend) => this.#speedOf(backend)));
  };

  #speedOf(backend: BackendId): BackendSpeed {
    const decodeMs = this.stepMs[backend];
    if (decodeMs === undefined) return { kind: "unavailable", backend, problem: "The device was lost." };
    return { kind: "measured", backend, speed: { prefillMs: 0, decodeMs } };
  }
}

/** A chooser whose idle time the test ends. */
function chooserWith({
  memory = new MapStore(),
  mayWork = true,
  candidates = ["kernels", "onnxruntime", "webgpu"] as readonly BackendId[],
  onRequest = undefined as readonly BackendId[] | undefined,
} = {}) {
  const engine = new FakeEngine();
  const warnings: string[] = [];
  const waits: number[] = [];
  let task: (() => void) | undefined;
  const chooser = new BackendChooser({
    engine: engine as unknown as EngineClient,
    candidates,
    ...(onRequest && { onRequest }),
    remembered: new RememberedChoices(memory, "1.0"),
    mayWork: () => mayWork,
    log: { info: () => undefined, warn: (message) => warnings.push(message) },
    schedule: (scheduled, ms) => {
      task = scheduled;
      waits.push(ms);
      return { [Symbol.dispose]: () => (task = undefined) };
    },
  });
  /** Lets the idle time pass. @returns whether anything waited for it */
  const idle = async () => {
    const due = task;
    task = undefined;
    due?.();
    await settle();
    return due !== undefined;
  };
  return { chooser, engine, memory, warnings, waits, idle };
}

describe("the backend chooser", () => {
  it("measures the first backend on the processor and the graphics card once, and moves to the faster one", async () => {
    const { chooser, engine, idle } = chooserWith();
    using chosen = chooser;
    assert.equal(chosen.apply(options), options);
    engine.open("kernels");
    assert.deepEqual(engine.calls, [], "nothing is measured at once");
    await idle();
    assert.deepEqual(engine.calls, [
      ["measureBackends", ["kernels", "webgpu"]],
      ["moveToBackend", "webgpu"],
    ]);
    assert.equal(chosen.findings?.chosen, "webgpu");
    assert.equal(chosen.findings.speeds.length, 2);
    engine.finishRequest();
    assert.equal(await idle(), false, "nothing is measured again");
  });

  it("stays where it is when that is faster", async () => {
    const { chooser, engine, idle } = chooserWith();
    using chosen = chooser;
    engine.stepMs = { kernels: 1, webgpu: 4 };
    chosen.apply(options);
    engine.open("kernels");
    await idle();
    assert.deepEqual(engine.calls, [["measureBackends", ["kernels", "webgpu"]]]);
    assert.equal(chosen.findings?.chosen, "kernels");
  });

  it("opens the model on the faster one in the next session, without measuring", async () => {
    const { chooser, engine, memory, idle } = chooserWith();
    using first = chooser;
    first.apply(options);
    engine.open("kernels");
    await idle();
    const next = chooserWith({ memory });
    using later = next.chooser;
    assert.equal(later.apply(options).backend, "webgpu");
    next.engine.open("webgpu");
    await next.idle();
    assert.deepEqual(next.engine.calls, []);
    assert.equal(later.findings?.chosen, "webgpu");
  });

  it("measures again with another graphics card, and forgets its choice without one", async () => {
    const { chooser, engine, memory, idle } = chooserWith();
    using first = chooser;
    first.apply(options);
    engine.open("kernels");
    await idle();
    const changed = chooserWith({ memory });
    using second = changed.chooser;
    changed.engine.machine = {
      ...machine,
      backends: [{ id: "kernels" }, { id: "webgpu", device: { name: "Another", software: false } }],
    };
    second.apply(options);
    changed.engine.open("webgpu");
    await changed.idle();
    assert.deepEqual(changed.engine.calls, [["measureBackends", ["kernels", "webgpu"]]]);
    const without = chooserWith({ memory });
    using third = without.chooser;
    without.engine.machine = { ...machine, backends: [{ id: "kernels" }, { id: "onnxruntime" }] };
    third.apply(options);
    without.engine.open("kernels");
    await without.idle();
    assert.deepEqual(without.engine.calls, []);
    assert.equal(third.apply(options).backend, "auto");
  });

  it("does not consider a graphics card that the processor imitates, but measures it when it is asked to", async () => {
    const { chooser, engine, idle } = chooserWith();
    using chosen = chooser;
    const imitated = { id: "webgpu", device: { name: "A software driver", software: true } } as const;
    engine.machine = { ...machine, backends: [{ id: "kernels" }, imitated] };
    chosen.apply(options);
    engine.open("kernels");
    await idle();
    assert.deepEqual(engine.calls, []);
    await chosen.measureAll();
    assert.deepEqual(engine.calls[0], ["measureBackends", ["kernels", "webgpu"]]);
  });

  it("tries again, and waits longer, after a request has interrupted it", async () => {
    const { chooser, engine, waits, idle } = chooserWith();
    using chosen = chooser;
    chosen.apply(options);
    engine.open("kernels");
    engine.interrupted = true;
    await idle();
    assert.equal(chosen.findings?.chosen, undefined);
    assert.ok((waits.at(-1) ?? 0) > (waits[0] ?? Infinity));
    engine.interrupted = false;
    await idle();
    assert.equal(chosen.findings?.chosen, "webgpu");
  });

  it("measures nothing by itself on battery, or where the settings name a backend", async () => {
    const onBattery = chooserWith({ mayWork: false });
    using first = onBattery.chooser;
    first.apply(options);
    onBattery.engine.open("kernels");
    assert.ok(await onBattery.idle());
    assert.deepEqual(onBattery.engine.calls, []);
    const named = chooserWith();
    using second = named.chooser;
    assert.equal(second.apply({ ...options, backend: "kernels" }).backend, "kernels");
    named.engine.open("kernels");
    assert.equal(await named.idle(), false);
  });

  it("measures all backends when it is asked to, and then moves the model only where the settings leave it the choice", async () => {
    const { chooser, engine } = chooserWith();
    using chosen = chooser;
    let changes = 0;
    chosen.onDidChange(() => changes++);
    chosen.apply({ ...options, backend: "kernels" });
    engine.open("kernels");
    engine.interrupted = true;
    assert.equal(await chosen.measureAll(), false);
    engine.interrupted = false;
    engine.calls.length = 0;
    assert.equal(await chosen.measureAll(), true);
    assert.deepEqual(engine.calls, [["measureBackends", ["kernels", "onnxruntime", "webgpu"]]]);
    assert.equal(chosen.findings?.chosen, undefined);
    assert.equal(chosen.findings?.speeds.length, 3);
    assert.ok(changes >= 2);
  });

  describe("where the graphics card is used only when a person asks for it", () => {
    const desktop = { candidates: ["kernels", "onnxruntime"], onRequest: ["webgpu"] } as const;

    it("measures nothing by itself", async () => {
      const { chooser, engine, idle } = chooserWith(desktop);
      using chosen = chooser;
      chosen.apply(options);
      engine.open("kernels");
      await idle();
      assert.deepEqual([engine.calls, chosen.findings, await idle()], [[], undefined, false]);
    });

    it("measures all when it is asked to, moves to the faster one, and opens the model there from then on", async () => {
      const { chooser, engine, memory } = chooserWith(desktop);
      using chosen = chooser;
      chosen.apply(options);
      engine.open("kernels");
      assert.equal(await chosen.measureAll(), true);
      assert.deepEqual(engine.calls.slice(0, 2), [
        ["measureBackends", ["kernels", "onnxruntime", "webgpu"]],
        ["moveToBackend", "webgpu"],
      ]);
      const next = chooserWith({ ...desktop, memory });
      using later = next.chooser;
      assert.equal(later.apply(options).backend, "webgpu");
      next.engine.open("webgpu");
      await next.idle();
      assert.equal(later.findings?.chosen, "webgpu");
      // The tab was closed: that is no reason to forget what is faster.
      next.engine.open("kernels");
      await next.idle();
      assert.equal(later.apply(options).backend, "webgpu");
      assert.deepEqual(next.engine.calls, []);
    });

    it("leaves a model alone that the settings split over backends", async () => {
      const { chooser, engine } = chooserWith(desktop);
      using chosen = chooser;
      const split = { ...options, deviceMap: "kernels:3,onnxruntime:3" };
      chosen.apply(split);
      engine.open("kernels");
      assert.equal(await chosen.measureAll(), true);
      assert.deepEqual([engine.calls.at(-1), chosen.apply(split)], [["moveToBackend", "kernels"], split]);
    });

    it("leaves the graphics card when it is not the faster one, the settings name another, or a request interrupts", async () => {
      const cases = [
        { stepMs: { kernels: 1, onnxruntime: 2, webgpu: 4 } },
        { backend: "kernels" },
        { interrupted: true },
      ] as const;
      for (const { backend, ...state } of cases.map((one) => ({ backend: "auto" as const, ...one }))) {
        const { chooser, engine } = chooserWith(desktop);
        using chosen = chooser;
        Object.assign(engine, state);
        chosen.apply({ ...options, backend });
        engine.open("kernels");
        await chosen.measureAll();
        assert.deepEqual(engine.calls.at(-1), ["moveToBackend", "kernels"]);
      }
    });
  });

  it("also knows the backend in use where the settings have named one that it would not choose", async () => {
    const { chooser, engine } = chooserWith({ candidates: ["kernels", "onnxruntime"] });
    using chosen = chooser;
    chosen.apply({ ...options, backend: "webgpu" });
    engine.open("webgpu");
    assert.deepEqual(await chosen.available(), ["kernels", "onnxruntime", "webgpu"]);
    engine.open("kernels");
    assert.deepEqual(await chosen.available(), ["kernels", "onnxruntime"]);
  });

  it("keeps the model where it is when the other backend turns out to be unavailable", async () => {
    const { chooser, engine, idle } = chooserWith();
    using chosen = chooser;
    engine.stepMs = { kernels: 10 };
    chosen.apply(options);
    engine.open("kernels");
    await idle();
    assert.equal(chosen.findings?.chosen, "kernels");
    assert.equal(chosen.findings.speeds[1]?.kind, "unavailable");
  });

  it("says once that it could not measure", async () => {
    const { chooser, engine, warnings, idle } = chooserWith();
    using chosen = chooser;
    Object.defineProperty(engine, "onBackends", { value: () => Promise.reject(new Error("The engine stopped.")) });
    chosen.apply(options);
    engine.open("kernels");
    await idle();
    assert.equal(await idle(), false);
    assert.deepEqual(warnings.length, 1);
  });
});
