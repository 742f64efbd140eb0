import {
  BadPickle,
  isDictionary,
  isList,
  PersistentId,
  PickleCall,
  PickleGlobal,
  type PickleValue,
} from "./pickleValue";

/** What the tensors of a state dict are made of. */
const rebuilders = [
  "torch._utils._rebuild_tensor",
  "torch._utils._rebuild_tensor_v2",
  "torch._utils._rebuild_tensor_v3",
];
const parameters = ["torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"];

/** Types of numbers by the storage classes and dtypes that stand for them. */
const numberTypes: ReadonlyMap<string, NumberType> = new Map([
  ...both("FloatStorage", "float32", "F32", 4),
  ...both("HalfStorage", "float16", "F16", 2),
  ...both("BFloat16Storage", "bfloat16", "BF16", 2),
  ...both("DoubleStorage", "float64", "F64", 8),
  ...both("LongStorage", "int64", "I64", 8),
  ...both("IntStorage", "int32", "I32", 4),
  ...both("ShortStorage", "int16", "I16", 2),
  ...both("CharStorage", "int8", "I8", 1),
  ...both("ByteStorage", "uint8", "U8", 1),
  ...both("BoolStorage", "bool", "BOOL", 1),
  ...both("Float8_e4m3fnStorage", "float8_e4m3fn", "F8_E4M3", 1),
  ...both("Float8_e5m2Storage", "float8_e5m2", "F8_E5M2", 1),
]);

/** A storage without a type of its own, which the tensor gives. */
const untypedStorages = ["torch.storage.UntypedStorage", "torch.UntypedStorage"];

/** The names that a pickle of tensors may refer to. */
const allowedGlobals: ReadonlySet<string> = new Set([
  "collections.OrderedDict",
  "torch.Size",
  "torch.device",
  ...rebuilders,
  ...parameters,
  ...untypedStorages,
  ...numberTypes.keys(),
]);

export function isAllowedGlobal(name: string): boolean {
  return allowedGlobals.has(name);
}

interface NumberType {
  readonly type: string;
  readonly bytes: number;
}

function both(storage: string, dtype: string, type: string, bytes: number): [string, NumberType][] {
  return [
    [`torch.${storage}`, { type, bytes }],
    [`torch.${dtype}`, { type, bytes }],
  ];
}

/** A tensor of a state dict. */
export interface StateTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: string;
  readonly byteLength: number;
  /** The block of numbers that the tensor is a view of. */
  readonly storage: { readonly key: string; readonly byteLength: number };
  /** Bytes from the beginning of the storage. */
  readonly offset: number;
}

/** Keys under which training programs keep the state dict in a larger dictionary. */
const wrappers = ["state_dict", "model_state_dict", "model", "module"];

/**
 * The tensors of a state dict, or of the one in a checkpoint of a training program.
 * @throws BadPickle when there are none, or one makes no sense
 */
export function stateTensors(value: PickleValue): readonly StateTensor[] {
  const tensors = tensorsOf(value);
  if (tensors.length > 0) return tensors;
  for (const key of wrappers) {
    const inner = isDictionary(value) ? tensorsOf(value.get(key)) : [];
    if (inner.length > 0) return inner;
  }
  throw new BadPickle("it holds no dictionary of tensors");
}

function tensorsOf(value: PickleValue | undefined): StateTensor[] {
  if (!isDictionary(value)) return [];
  const tensors: StateTensor[] = [];
  for (const [name, entry] of value) {
    const call = tensorCall(entry);
    if (call !== undefined && typeof name === "string") tensors.push(tensorFrom(name, call));
  }
  return tensors;
}

/** The call that makes a tensor, itself or inside a parameter. */
function tensorCall(value: PickleValue | undefined): PickleCall | undefined {
  if (!(value instanceof PickleCall)) return undefined;
  if (rebuilders.includes(value.name)) return value;
  const [inner] = value.args;
  const isTensor = inner instanceof PickleCall && rebuilders.includes(inner.name);
  return parameters.includes(value.name) && isTensor ? inner : undefined;
}

/** `_rebuild_tensor_v2(storage, offset, shape, strides, …)`; v3 has a dtype as its seventh argument. */
function tensorFrom(name: string, { args }: PickleCall): StateTensor {
  const [storage, offset, shape, strides, , , dtype] = args;
  const makesNoSense = () => new BadPickle(`its tensor ${name} makes no sense`);
  if (!isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length)
    throw makesNoSense();
  const { key, count, type: stored } = storageOf(storage, `its tensor ${name}`);
  const type = stored ?? (dtype instanceof PickleGlobal ? numberTypes.get(dtype.name) : undefined);
  if (type === undefined || shape.length > 16) throw makesNoSense();
  const numbers = shape.reduce((product, size) => product * size, 1);
  const byteLength = numbers * type.bytes;
  const storageBytes = stored === undefined ? count : count * type.bytes;
  if (offset * type.bytes + byteLength > storageBytes)
    throw new BadPickle(`its tensor ${name} is larger than its storage`);
  return {
    name,
    shape,
    type: isContiguous(shape, strides) ? type.type : `${type.type} with strides`,
    byteLength,
    storage: { key, byteLength: storageBytes },
    offset: offset * type.bytes,
  };
}

/**
 * What a tensor's reference says of its storage: `("storage", type, key, device, count)`, and in the older form a view, which is
 * none in files of the last ten years.
 * @param owner what a message says the storage belongs to
 */
export function storageOf(reference: PickleValue | undefined, owner: string) {
  const id: PickleValue = reference instanceof PersistentId ? reference.id : null;
  const [kind, storageType, key, , count, view = null] = isList(id) ? id : [];
  if (kind !== "storage" || !(storageType instanceof PickleGlobal) || !isCount(count) || view !== null) {
    throw new BadPickle(`the storage of ${owner} makes no sense`);
  }
  if (typeof key !== "string" || !/^[\w.-]{1,64}$/.test(key)) {
    throw new BadPickle(`the storage of ${owner} has no usable name`);
  }
  return { key, count, type: numberTypes.get(storageType.name) };
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i] ?? 1;
    if (size > 1 && strides[i] !== expected) return false;
    expected *= size;
  }
  return true;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: PickleValue | undefined): value is readonly number[] {
  return isList(value) && value.every(isCount);
}
