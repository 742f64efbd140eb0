/** A shader of our own, with one entry point `main` and its buffers in group 0. */
export class ComputePipeline {
  readonly #device: GPUDevice;
  readonly #pipeline: GPUComputePipeline;

  /** @param code WGSL */
  constructor(device: GPUDevice, code: string) {
    this.#device = device;
    const module = device.createShaderModule({ code });
    this.#pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
  }

  /** Adds a dispatch to a pass. @param buffers in the order of their bindings @param rows workgroups in the second dimension */
  dispatch(pass: GPUComputePassEncoder, buffers: readonly GPUBuffer[], workgroups: number, rows = 1): void {
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#device.createBindGroup({ layout: this.#pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(workgroups, rows);
  }
}
