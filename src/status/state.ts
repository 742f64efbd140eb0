import type { BackendState } from "../backend/backend";
import type { InlineState } from "./inlineSwitch";

/** What decides about the state that is shown. */
export interface StateInput {
  readonly backend: BackendState;
  readonly inline: InlineState;
  /** The name of the active editor's language; undefined without an editor. */
  readonly language: string | undefined;
  /** Until when suggestions are snoozed. */
  readonly snoozedUntil: Date | undefined;
  /** What is paused because the machine runs on its battery. */
  readonly pausedOnBattery: "nothing" | "idleWork" | "suggestions";
  /** What has been going on for long enough to be worth showing. */
  readonly busy: "working" | "indexing" | undefined;
}

/** The one state of the extension that matters most to a person. */
export type StatusState =
  | { readonly kind: "failed"; readonly error: Error }
  | { readonly kind: "loading"; readonly share: number | undefined }
  | { readonly kind: "off" }
  | { readonly kind: "offForLanguage"; readonly language: string }
  | { readonly kind: "snoozed"; readonly until: Date }
  | { readonly kind: "pausedOnBattery" }
  | { readonly kind: "working" }
  | { readonly kind: "indexing" }
  | { readonly kind: "notLoaded" }
  | { readonly kind: "ready" };

/** What is broken comes first, then what keeps suggestions away, then what is going on. */
export function statusState(input: StateInput): StatusState {
  const { backend, inline, language, snoozedUntil, pausedOnBattery, busy } = input;
  if (backend.kind === "failed") return { kind: "failed", error: backend.error };
  if (backend.kind === "loading") return { kind: "loading", share: backend.share };
  if (inline === "off") return { kind: "off" };
  if (inline === "offForLanguage") return { kind: "offForLanguage", language: language ?? "" };
  if (snoozedUntil) return { kind: "snoozed", until: snoozedUntil };
  if (pausedOnBattery === "suggestions") return { kind: "pausedOnBattery" };
  if (busy) return { kind: busy };
  return backend.kind === "idle" ? { kind: "notLoaded" } : { kind: "ready" };
}
