/** A buffer that shaders read and write, and whose content can be copied out. */
export function storageBuffer(device: GPUDevice, size: number): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  return device.createBuffer({ size, usage });
}

/** A buffer that shaders read. */
export function storageWith(device: GPUDevice, content: Uint32Array<ArrayBuffer>): GPUBuffer {
  const buffer = storageBuffer(device, content.byteLength);
  device.queue.writeBuffer(buffer, 0, content);
  return buffer;
}
