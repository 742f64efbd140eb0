import type { ByteSource } from "./byteSource";
import type { FormatId } from "./tensorFile";
import type { TensorReader } from "./tensorReader";

/** Opens another file in the folder of the one that is being opened. @throws ModelFileError when it is not there */
export type OpenSibling = (name: string) => Promise<ByteSource>;

/** A file format that weights are read from. */
export interface WeightsFormat {
  readonly id: FormatId;
  /** What people call it. */
  readonly name: string;
  /** Usual file name endings, in lower case. They say which files of a folder may hold weights; the content decides what a file is. */
  readonly endings: readonly string[];
  /** What the weights of a model are called in its folder, if this format has a usual name for them. */
  readonly usualNames: readonly string[];
  /** Whether a file says what model it holds; otherwise a `config.json` beside it does. */
  readonly selfDescribing: boolean;
  /**
   * Whether a file is of this format.
   * @param start its first {@link detectionBytes} bytes, or all of a shorter file
   * @param size of the file, in bytes
   */
  detect(start: Uint8Array, size: number): boolean;
  /**
   * Opens a file; only its header is read.
   * @param openSibling for formats that keep numbers in further files
   * @throws ModelFileError when it is damaged or cut short. The source is then disposed.
   */
  open(source: ByteSource, openSibling?: OpenSibling): Promise<TensorReader>;
  /** Checks that all files of a model are there, where the format says how many they are. @throws ModelFileError when some are missing */
  checkComplete?(file: TensorReader): void;
}

/** Bytes that {@link WeightsFormat.detect} gets to see. */
export const detectionBytes = 256;
