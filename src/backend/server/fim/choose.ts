import type { Prompt } from "../../../generation/request";
import { ServerError } from "../errors";
import type { ServerFacts, ServerPrompt } from "../protocols/protocol";
import { type FimTemplate, templateForModel, templateForSetting } from "./families";
import { type PromptParts, renderPrompt } from "./render";

/** How prompts with a suffix are made for a model: `own` by the server itself, `none` without the suffix. */
export type FimChoice =
  { readonly kind: "template"; readonly template: FimTemplate } | { readonly kind: "own" | "none" };

/**
 * Chooses by the setting `gpt2.server.template`. With `auto`, a known layout with the suffix first is best: the server's cache then stays
 * valid from one keystroke to the next. Otherwise the server renders the prompt if it can, since it does not take special tokens in the
 * document for tokens.
 * @throws ServerError for a setting that is not valid, or that the server cannot do
 */
export function chooseFim(setting: string, { model, ownFim }: Pick<ServerFacts, "model" | "ownFim">): FimChoice {
  if (setting === "none") return { kind: "none" };
  if (setting === "infill") {
    if (ownFim) return { kind: "own" };
    throw new ServerError("settings", `The server cannot fill in the middle by itself. Change gpt2.server.template.`);
  }
  if (setting !== "auto" && setting !== "") return { kind: "template", template: templateForSetting(setting) };
  const template = templateForModel(model);
  if (template && (!ownFim || isSuffixFirst(template))) return { kind: "template", template };
  return { kind: ownFim ? "own" : "none" };
}

/** The prompt as it is sent. @param extra other documents, for a server that takes them */
export function makePrompt(parts: PromptParts, choice: FimChoice, extra: readonly string[]): ServerPrompt {
  switch (choice.kind) {
    case "template":
      return { kind: "text", text: renderPrompt(parts, choice.template) };
    case "own":
      return parts.suffix === "" ? { kind: "text", text: parts.prefix } : { kind: "parts", ...parts, extra };
    case "none":
      return { kind: "text", text: parts.prefix };
  }
}

/** A prompt without what the choice cannot use. */
export function usablePrompt(prompt: Prompt, choice: FimChoice): Prompt {
  return choice.kind === "none" ? { ...prompt, suffix: "" } : prompt;
}

/** What ends an answer besides the server's own end of text. */
export function stopsOf(choice: FimChoice): readonly string[] {
  return choice.kind === "template" ? choice.template.tokens : [];
}

function isSuffixFirst({ text }: FimTemplate): boolean {
  return text.indexOf("{suffix}") < text.indexOf("{prefix}");
}
