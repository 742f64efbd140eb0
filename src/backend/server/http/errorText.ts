/** Characters of a server's error that are kept. */
const maxLength = 300;
/** Pieces of what was sent are recognized from this length on, in UTF-16 units. */
const pieceLength = 10;

/**
 * The message of an error body, fit for a log: from its JSON where it has one, on one line, cut, and without the secrets and the text that
 * were sent. Some servers repeat the request in their errors.
 * @param body what the server answered
 * @param secrets keys and values of headers
 * @param sent the texts of the request
 */
export function errorText(body: string, secrets: readonly string[], sent: readonly string[]): string {
  let text = jsonMessage(body) ?? (isMarkup(body) ? messageOfPage(body) : body);
  for (const secret of secrets) if (secret.length > 3) text = text.replaceAll(secret, "…");
  text = withoutPieces(text, sent)
    .replace(/(bearer\s+|api[-_ ]?key\W{1,4}|\bsk-)[\w.+/=-]{6,}/gi, "$1…")
    // Also what would turn round the text that follows it.
    .replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, " ")
    .trim();
  // No half of a character.
  return text.length > maxLength ? `${text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, "")}…` : text;
}

export function isWebPage(body: string): boolean {
  return /^\s*(<!doctype html|<html|<head|<body)/i.test(body);
}

/** A page, a part of one, or XML: what a proxy or a gateway before the server answers. */
function isMarkup(body: string): boolean {
  return isWebPage(body) || /^\s*<(\?xml|title|h[1-6]|p|div|center|pre|error)\b/i.test(body);
}

/** The title of a page, or else its first heading, or else what can be read of it. */
function messageOfPage(page: string): string {
  const title = readable(/<title[^>]*>([^<]*)/i.exec(page)?.[1] ?? "");
  if (title !== "") return title;
  const heading = readable(/<h[1-6][^>]*>(.*?)<\/h[1-6]>/is.exec(page)?.[1] ?? "");
  return heading === "" ? readable(page) : heading;
}

/** Characters that pages write in another way. */
const entities: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  "#39": "'",
  gt: ">",
  lt: "<",
  nbsp: " ",
  quot: '"',
};

function readable(markup: string): string {
  return markup
    .replace(/<(script|style)\b.*?<\/\1>|<!--.*?-->/gis, " ")
    .replace(/<[^<>]*>/g, " ")
    .replace(/&(#?\w+);/g, (entity, name: string) => entities[name] ?? entity)
    .trim();
}

/** OpenAI and vLLM: `{error: {message}}`, `{message}`; FastAPI: `{detail}`, a text or a list of `{msg}`; Ollama: `{error}`. */
function jsonMessage(body: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  return messageIn(value);
}

function messageIn(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(messageIn).filter(Boolean).join("; ");
  if (typeof value !== "object" || value === null) return undefined;
  const { error, errors, message, detail, msg } = value as Readonly<Record<string, unknown>>;
  for (const found of [error, message, detail, msg, errors]) {
    const text = messageIn(found);
    if (text !== undefined && text !== "") return text;
  }
  return undefined;
}

/** Replaces what occurs in the sent texts as well. */
function withoutPieces(text: string, sent: readonly string[]): string {
  const known = new Set<string>();
  for (const one of sent) {
    // A server may repeat a text as JSON.
    for (const form of [one, JSON.stringify(one).slice(1, -1)]) {
      for (let i = 0; i + pieceLength <= form.length; i++) known.add(form.slice(i, i + pieceLength));
    }
  }
  let result = "";
  let hiddenUntil = 0;
  for (let i = 0; i < text.length; i++) {
    if (known.has(text.slice(i, i + pieceLength))) {
      if (i >= hiddenUntil) result += "…";
      hiddenUntil = i + pieceLength;
    }
    if (i >= hiddenUntil) result += text.charAt(i);
  }
  return result;
}
