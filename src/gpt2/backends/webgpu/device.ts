import { BackendUnavailableError } from "../../errors";

/** Limits that a device gets only when they are asked for. Without them a buffer is bound up to 128 MiB, less than a head in f32. */
const wantedLimits = [
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBuffersPerShaderStage",
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/**
 * Requests a device with all that the adapter allows, and with half precision where there is any.
 *
 * Subgroups are not requested: ONNX Runtime 1.30 has another flash-attention shader for them, which is wrong on Vulkan adapters (Dawn
 * zeroes a variable that is declared in a loop once instead of each time) and needs subgroups of at least 8 lanes.
 * @throws BackendUnavailableError when there is no adapter, or it gives no device
 */
export async function openDevice(gpu: GPU): Promise<GPUDevice> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new BackendUnavailableError("WebGPU found no graphics adapter on this machine.");
  const requiredLimits = Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures: GPUFeatureName[] = adapter.features.has("shader-f16") ? ["shader-f16"] : [];
  try {
    return await adapter.requestDevice({ requiredFeatures, requiredLimits });
  } catch (error) {
    throw new BackendUnavailableError("The graphics adapter gave no WebGPU device.", String(error));
  }
}

/** What a person calls a graphics adapter. */
export function adapterName({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return description || [vendor, architecture, device].filter(Boolean).join(" ") || "unnamed adapter";
}
