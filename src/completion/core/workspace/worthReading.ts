import { holdsSecrets } from "../secrets";

/** Files that are no text, or that a program wrote: their lines are nowhere continued by hand. */
const others = [
  /\.(png|jpe?g|gif|webp|avif|bmp|ico|icns|tiff?|psd|svg|pdf|docx?|xlsx?|pptx?|odt)$/,
  /\.(mp[34]|m4a|ogg|wav|flac|avi|mov|mkv|webm|woff2?|ttf|otf|eot)$/,
  /\.(zip|gz|tgz|bz2|xz|zst|7z|rar|tar|jar|war|whl|vsix|dmg|iso|deb|rpm)$/,
  /\.(exe|dll|so|dylib|a|o|obj|lib|class|pyc|wasm|bin|dat|db|sqlite3?|node|pdb)$/,
  /\.(gguf|safetensors|onnx|pth?|npy|npz|pkl|parquet|csv|tsv|jsonl|ipynb|log)$/,
  /(\.lock|-lock\.(json|yaml)|\.min\.(js|css)|\.map|\.snap)$/,
  /^(go\.sum|npm-shrinkwrap\.json)$/,
];

/** Whether a file, by its name, is text that a person may have written, and none that holds secrets. */
export function worthReading(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return !others.some((pattern) => pattern.test(name)) && !holdsSecrets(path);
}
