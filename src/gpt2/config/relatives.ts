/** Models that people take for a GPT-2, by what files call their architecture (Hugging Face, GGUF): their names, and what is different. */
const relatives: ReadonlyMap<string, string> = new Map([
  ["gpt_neo", "GPT-Neo, half of whose layers attend to the last 256 tokens only"],
  ["gpt_neox", "GPT-NeoX (as are Pythia models), with rotary positions"],
  ["gptneox", "GPT-NeoX (as are Pythia models), with rotary positions"],
  ["gptj", "GPT-J, with rotary positions"],
  ["codegen", "CodeGen, with rotary positions"],
  ["openai-gpt", "the first GPT, which normalizes after each layer"],
  ["opt", "OPT, with other positions and projections"],
  ["bloom", "BLOOM, with ALiBi in place of positions"],
  ["mpt", "MPT, with ALiBi in place of positions"],
  ["gpt_refact", "Refact, with ALiBi in place of positions"],
  ["refact", "Refact, with ALiBi in place of positions"],
  ["codeshell", "CodeShell, with rotary positions"],
  ["starcoder2", "StarCoder2, with rotary positions (the first StarCoder is a GPT-BigCode)"],
  ["imagegpt", "ImageGPT, which has no text"],
  ["decision_transformer", "a Decision Transformer, which has no text"],
  ["gpt_oss", "gpt-oss, a mixture of experts"],
]);

/**
 * What a model of another architecture is, for "the model is …".
 * @param type what its file calls the architecture
 */
export function otherArchitecture(type: string): string {
  const relative = relatives.get(type);
  return relative === undefined ? `a "${type}"` : `${relative} ("${type}")`;
}
