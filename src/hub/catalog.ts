import type { Gpt2Config } from "../gpt2/config/config";
import { parseHuggingFaceConfig } from "../gpt2/config/huggingFaceConfig";
import entries from "./catalog.json";

/** A model that is known to work, with what a person wants to know before the download. */
export interface CatalogModel {
  /** On the Hugging Face hub. */
  readonly repository: string;
  readonly name: string;
  /** What it was trained on. */
  readonly kind: "text" | "code";
  /** A license by the hub's identifier, see {@link licenseName}. */
  readonly license: string;
  /** About how many bytes are downloaded: the hub says exactly before the download begins. */
  readonly bytes: number;
  readonly config: Gpt2Config;
  /** Whether the hub asks for a token of somebody who has accepted the terms. */
  readonly gated: boolean;
  /** The commit that {@link sha256} belongs to; undefined for the newest. */
  readonly revision: string | undefined;
  /** Known hashes of files, in hexadecimal. */
  readonly sha256: ReadonlyMap<string, string>;
}

interface Entry extends Omit<CatalogModel, "config" | "gated" | "revision" | "sha256" | "kind"> {
  readonly kind: string;
  readonly gated?: boolean;
  readonly revision?: string;
  readonly sha256?: object;
  readonly config: object;
}

/** The models that are offered for download. The file says what is known of each: a new one is one entry there. */
export const catalog: readonly CatalogModel[] = (entries as readonly Entry[]).map((entry) => {
  return {
    ...entry,
    kind: entry.kind === "code" ? "code" : "text",
    config: parseHuggingFaceConfig(JSON.stringify(entry.config)),
    gated: entry.gated ?? false,
    revision: entry.revision,
    sha256: new Map(Object.entries(entry.sha256 ?? {})),
  };
});

export function catalogModel(repository: string): CatalogModel | undefined {
  return catalog.find((model) => model.repository === repository);
}

interface License {
  readonly name: string;
  readonly address: string;
}

const licenses: Readonly<Record<string, License>> = {
  mit: { name: "MIT", address: "https://opensource.org/license/mit" },
  "apache-2.0": { name: "Apache 2.0", address: "https://www.apache.org/licenses/LICENSE-2.0" },
  "bigcode-openrail-m": {
    name: "BigCode OpenRAIL-M",
    address: "https://huggingface.co/spaces/bigcode/bigcode-model-license-agreement",
  },
};

/** The license as a person calls it; undefined where the hub names none. */
export function licenseName(license: string | undefined): string | undefined {
  return license === undefined ? undefined : (licenses[license]?.name ?? license);
}

/**
 * Where the text of a license can be read.
 * @param page of the model, for licenses that are not known here
 */
export function licenseAddress(license: string | undefined, page: string): string {
  return (license === undefined ? undefined : licenses[license]?.address) ?? page;
}
