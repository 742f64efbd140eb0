/* eslint-disable no-control-regex -- files begin with any bytes */

/** What a file that is none of the formats begins with, and what to tell a person who opens it. */
const kinds: readonly { readonly begins: RegExp; readonly message: string }[] = [
  {
    begins: /^version https?:\/\/\S*git-lfs/,
    message:
      "it is a Git LFS pointer, which stands for the real file. Run “git lfs pull” in its folder, or download the file itself.",
  },
  {
    begins: /^\s*<(!doctype|html|\?xml)/i,
    message: "it is a web page, probably saved in place of a download. Download the file itself.",
  },
  {
    begins: /^\u0089HDF\r\n/,
    message: "it is an HDF5 file (Keras or TensorFlow). Use safetensors, PyTorch or GGUF files.",
  },
  {
    begins: /^(\u001f\u008b|BZh|\u00fd7zXZ|7z\u00bc\u00af|\x28\u00b5\x2f\u00fd)/,
    message: "it is a compressed archive. Unpack it first.",
  },
  { begins: /^ggjt|^tjgg|^lmgg|^fmgg|^ggmf/, message: "it is a GGML file from before GGUF. Convert it to GGUF." },
  { begins: /^\s*[[{]/, message: "it is a JSON text. Name the file with the weights, or the folder." },
];

/**
 * Recognizes common files that are taken for weights.
 * @param start the beginning of the file
 * @returns a sentence that says what it is and what to do; undefined when it is not recognized
 */
export function otherKindOfFile(start: Uint8Array): string | undefined {
  const text = Array.from(start, (byte) => String.fromCharCode(byte)).join("");
  return kinds.find(({ begins }) => begins.test(text))?.message;
}
