import type { ListAction, ModelRow, ModelsView, RowAction } from "../../models/modelsView";
import type { ToPanel } from "../protocol";
import { action, element, note, replaceContent, table, wide } from "./dom";
import { byteSize, percent } from "./format";
import { l10n } from "./l10n";

/** The models on this machine and those of the catalog. */
export class ModelsTab {
  readonly element = element("div");
  readonly #post: (message: ToPanel) => void;

  constructor(post: (message: ToPanel) => void) {
    this.#post = post;
    replaceContent(this.element, note(l10n.t("Looking for models…")));
  }

  show({ installed, offered, hub }: ModelsView): void {
    const from = hub === "" ? l10n.t("For download") : l10n.t("For download from {0}", hub);
    replaceContent(
      this.element,
      this.#table(l10n.t("On this machine"), installed),
      this.#table(from, offered),
      note(l10n.t("Nothing is downloaded before you have agreed to the license.")),
      element("div", { class: "actions" }, ...listActions.map((name) => this.#listButton(name))),
    );
  }

  #table(caption: string, rows: readonly ModelRow[]): HTMLElement {
    const columns = [
      { title: l10n.t("Model") },
      { title: l10n.t("Size"), numeric: true },
      { title: l10n.t("Parameters"), numeric: true },
      { title: l10n.t("License") },
      { title: l10n.t("This machine") },
      { title: l10n.t("Actions") },
    ];
    const cells = rows.map((row) => [
      nameOf(row),
      sizeOf(row),
      row.parameters === undefined ? "–" : l10n.t("{0} M", Math.round(row.parameters / 1e6)),
      row.license ?? "–",
      fitOf(row),
      element("span", { class: "actions" }, ...row.actions.map((name) => this.#rowButton(name, row))),
    ]);
    return wide(caption, table(caption, columns, cells));
  }

  #rowButton(name: RowAction, { id, name: model }: ModelRow): HTMLElement {
    const button = action(rowLabels[name], () =>
      this.#post({ kind: "model", command: { kind: "row", action: name, id } }),
    );
    // Alone, it would not say which model it is about.
    button.setAttribute("aria-label", `${rowLabels[name]}: ${model}`);
    button.dataset["key"] = `${name} ${id}`;
    return button;
  }

  #listButton(name: ListAction): HTMLElement {
    const button = action(listLabels[name], () =>
      this.#post({ kind: "model", command: { kind: "list", action: name } }),
    );
    button.dataset["key"] = name;
    return button;
  }
}

const rowLabels: Readonly<Record<RowAction, string>> = {
  use: l10n.t("Use"),
  download: l10n.t("Download"),
  delete: l10n.t("Delete"),
  folder: l10n.t("Open Folder"),
  page: l10n.t("Open Model Page"),
};

const listActions: readonly ListAction[] = ["otherRepository", "browseFile", "browseFolder", "setToken"];
const listLabels: Readonly<Record<ListAction, string>> = {
  otherRepository: l10n.t("Another Model on the Hub…"),
  browseFile: l10n.t("Browse File…"),
  browseFolder: l10n.t("Browse Folder…"),
  setToken: l10n.t("Set Hugging Face Token…"),
};

function nameOf({ name, origin, state, kind, gated }: ModelRow): HTMLElement {
  const facts = [
    ...(kind === undefined ? [] : [kind === "code" ? l10n.t("code") : l10n.t("English text")]),
    ...(state === "active" ? [l10n.t("in use")] : []),
    ...(gated ? [l10n.t("needs a token")] : []),
  ];
  const details = origin === name ? facts : [origin, ...facts];
  return element(
    "span",
    { class: "model" },
    element("span", { class: state === "active" ? "active" : undefined }, name),
    element("span", { class: "origin" }, details.join(" · ")),
  );
}

function sizeOf({ bytes, share, state }: ModelRow): string {
  if (bytes === undefined) return "–";
  if (state !== "partial") return byteSize(bytes);
  return share === undefined
    ? l10n.t("{0}, not complete", byteSize(bytes))
    : l10n.t("{0}, {1} there", byteSize(bytes), percent(share));
}

function fitOf({ memory }: ModelRow): HTMLElement | string {
  if (memory === undefined) return "–";
  return element("span", { class: memory.fits ? "fits" : "tight" }, memory.text);
}
