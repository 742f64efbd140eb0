import type { BackendCapabilities, ModelInspection } from "../backend/backend";
import type { InspectedPosition, InspectedRequest, PromptInspection } from "../generation/inspection/requests";
import { candidateRow } from "./jsonViews";
import {
  defaultSampling,
  type AttentionView,
  type ExpectedView,
  type LayersView,
  type LogitsView,
  type TextView,
} from "./views";
import type { CursorPosition } from "./views";

/** The tabs that follow the cursor. */
export type CursorTab = "logits" | "text" | "layers";

/** Whether a backend that can be inspected this deep serves a tab. */
export function canServe(tab: CursorTab, depth: BackendCapabilities["inspection"]): boolean {
  if (depth === "candidates") return tab === "logits";
  return depth === "layers" || (depth === "logits" && tab !== "layers");
}

/** A cursor position and the request that a completion there would make. */
export interface Question {
  readonly cursor: CursorPosition;
  readonly request: InspectedRequest;
}

/** How many of the likeliest tokens the Logits tab gets, a search or a position, and each layer. */
const candidateCount = 100;
const expectedCount = 10;
const lensCount = 5;

/** Characters before the cursor that are shown above the table. */
const beforeShown = 60;

/** Queries the model for the tabs that follow the cursor, and keeps what was chosen in them. */
export class Inspector {
  readonly #engine: Pick<ModelInspection, "describe" | "inspect">;
  sampling = defaultSampling;
  /** The text or id to search tokens for; empty for no search. */
  query = "";
  #attended: { readonly layer: number; readonly head: number } | undefined;
  #chosen: { readonly request: InspectedRequest; readonly position: number } | undefined;
  #asked: InspectedRequest | undefined;

  constructor(engine: Pick<ModelInspection, "describe" | "inspect">) {
    this.#engine = engine;
  }

  /** Selects a token of the last prompt. It stays selected until the prompt changes. */
  choose(position: number): void {
    this.#chosen = this.#asked && { request: this.#asked, position };
  }

  /** Selects the attention head to show. */
  attend(layer: number, head: number): void {
    this.#attended = { layer, head };
  }

  async logits({ cursor, request }: Question, signal: AbortSignal): Promise<LogitsView> {
    const start = performance.now();
    const { query } = this;
    const { healing, ...sampling } = this.sampling;
    const ask = (search?: string) =>
      this.#engine.inspect(
        "candidates",
        {
          ...request,
          healing,
          count: search === undefined ? candidateCount : expectedCount,
          sampling,
          ...(search && { search }),
        },
        { signal },
      );
    const { candidates, choices, rolledBack } = await ask();
    const found = query === "" ? undefined : (await ask(query)).candidates.map(candidateRow);
    return {
      kind: "logits",
      cursor,
      before: request.prompt.prefix.slice(-beforeShown),
      rolledBack,
      choices,
      sampling: this.sampling,
      candidates: candidates.map(candidateRow),
      found,
      ms: performance.now() - start,
    };
  }

  async text({ cursor, request }: Question, signal: AbortSignal): Promise<TextView> {
    const start = performance.now();
    const inspection = await this.#engine.inspect("inspectPrompt", request, { signal });
    const { tokens, contextLength, windowStart } = inspection;
    const expected = await this.expected(this.#position(request, inspection), signal);
    return { kind: "text", cursor, tokens, contextLength, windowStart, expected, ms: performance.now() - start };
  }

  /** What the model expected in place of the selected token. */
  async expected(at: InspectedPosition, signal: AbortSignal): Promise<ExpectedView> {
    const candidates = await this.#engine.inspect("expectedAt", { ...at, count: expectedCount }, { signal });
    return { position: at.position, candidates: candidates.map(candidateRow) };
  }

  async layers({ cursor, request }: Question, signal: AbortSignal): Promise<LayersView> {
    const start = performance.now();
    const inspection = await this.#engine.inspect("inspectPrompt", request, { signal });
    const at = this.#position(request, inspection);
    const blocks = await this.#engine.inspect("lens", { ...at, count: lensCount }, { signal });
    const attention = await this.attention(at, signal);
    return {
      kind: "layers",
      cursor,
      tokens: inspection.tokens,
      position: at.position,
      blocks: blocks.map(({ layer, candidates }) => ({ layer, candidates: candidates.map(candidateRow) })),
      attention,
      ms: performance.now() - start,
    };
  }

  /** The attention of a token in the selected head. */
  async attention(at: InspectedPosition, signal: AbortSignal): Promise<AttentionView> {
    const { layers, heads } = (await this.#engine.describe()).config;
    // They may have been selected for a larger model.
    const layer = Math.min(this.#attended?.layer ?? layers - 1, layers - 1);
    const head = Math.min(this.#attended?.head ?? 0, heads - 1);
    const rows = await this.#engine.inspect("attention", { ...at, layer }, { signal });
    return { layer, head, layers, heads, weights: Array.from(rows.heads[head] ?? []) };
  }

  /** The selected token of a prompt, or its last one. */
  #position(request: InspectedRequest, { tokens }: PromptInspection): InspectedPosition {
    const chosen = this.#chosen && samePrompt(this.#chosen.request, request) ? this.#chosen.position : Infinity;
    this.#asked = request;
    return { ...request, position: Math.max(0, Math.min(chosen, tokens.length - 1)) };
  }
}

function samePrompt({ prompt: a }: InspectedRequest, { prompt: b }: InspectedRequest): boolean {
  return a.prefix === b.prefix && a.suffix === b.suffix && a.header === b.header;
}
