import type { Calls, EngineStats } from "../../engine/protocol";
import type { EngineClient, InspectionMethod } from "../../engine/client";
import type { ModelInspection, RequestOptions } from "../backend";
import type { ServerBackend } from "../server/serverBackend";

/**
 * Looks into whatever completes: a server shows its likeliest tokens and its timings, the local engine everything. The checkpoints are
 * always the local engine's.
 */
export class RoutedInspection implements ModelInspection {
  readonly #local: ModelInspection;
  readonly #server: () => ServerBackend | undefined;

  /** @param server the one that is used now */
  constructor(local: ModelInspection, server: () => ServerBackend | undefined) {
    this.#local = local;
    this.#server = server;
  }

  describe(): ReturnType<EngineClient["describe"]> {
    return this.#local.describe();
  }

  async inspect<M extends InspectionMethod>(
    method: M,
    params: Calls[M]["params"],
    options?: RequestOptions,
  ): Promise<Calls[M]["result"]> {
    const server = this.#server();
    if (!server || method !== "candidates") return this.#local.inspect(method, params, options);
    return server.nextTokens(params as Calls["candidates"]["params"], options);
  }

  textLoss(...call: Parameters<ModelInspection["textLoss"]>): ReturnType<ModelInspection["textLoss"]> {
    return this.#local.textLoss(...call);
  }

  endInspection(): Promise<void> {
    return this.#local.endInspection();
  }

  checkpoints(...call: Parameters<ModelInspection["checkpoints"]>): ReturnType<ModelInspection["checkpoints"]> {
    return this.#local.checkpoints(...call);
  }

  async stats(): Promise<EngineStats | undefined> {
    const server = this.#server();
    if (!server) return this.#local.stats();
    return { model: undefined, heapBytes: 0, slots: [], computedTokens: 0, recent: server.recent };
  }
}
