internal import CKernels
internal import COneDNN

/// A convolution compiled by oneDNN for one geometry and one number of threads.
// @unchecked Sendable: nothing changes after `init`, and oneDNN executes one primitive from several
// threads at once where each brings scratch memory of its own, as every call here does.
@safe package final class OneDNNConvolution: @unchecked Sendable {
  package enum Pass: Hashable, Sendable {
    case forward(bias: Bool, residual: Bool, FusedActivation)
    case inputGradient
    case weightGradient(bias: Bool)
  }

  private struct Key: Hashable, Sendable {
    let geometry: Convolution2dGeometry
    let pass: Pass
    let threads: Int32
  }

  // A network has tens of shapes; pictures of changing size bring as many each.
  private static let cache = BoundedCache<Key, OneDNNConvolution>(capacity: 512)

  private let geometry: Convolution2dGeometry
  private let pass: Pass
  private let primitive: OpaquePointer

  /// The compiled convolution for the present number of threads, made where it is not held.
  ///
  /// Prepares this thread's team, so execute it from the same thread right after.
  package static func cached(_ geometry: Convolution2dGeometry, _ pass: Pass) -> OneDNNConvolution {
    let key = Key(geometry: geometry, pass: pass, threads: ck_prepare_threads())
    return cache.value(for: key) { OneDNNConvolution(geometry, pass) }
  }

  private init(_ geometry: Convolution2dGeometry, _ pass: Pass) {
    self.geometry = geometry
    self.pass = pass
    var shape = onednn_convolution_shape(geometry, pass)
    var failure: UnsafePointer<CChar>?
    guard let primitive = unsafe onednn_convolution_create(&shape, &failure) else {
      let step = unsafe failure.map { unsafe String(cString: $0) } ?? "unknown step"
      fatalError("oneDNN \(LibraryVersions.oneDNN) cannot compile \(pass) of \(geometry): \(step)")
    }
    unsafe self.primitive = primitive
  }

  deinit { unsafe onednn_convolution_destroy(primitive) }

  /// oneDNN's name of the kernel, such as `brgconv:avx512_core`.
  package var implementation: String {
    unsafe String(cString: onednn_convolution_implementation(primitive))
  }

  func forward(input: Tensor, weight: Tensor, bias: Tensor?, residual: Tensor?) -> Tensor {
    let output = Tensor(uninitialized: geometry.outputShape)
    execute(
      input: input.storage, weight: packed(weight), bias: bias?.storage,
      residual: residual?.storage, output: output.storage)
    return output
  }

  func inputGradient(upstream: Tensor, weight: Tensor) -> Tensor {
    let gradient = Tensor(uninitialized: geometry.inputShape)
    execute(input: gradient.storage, weight: packed(weight), output: upstream.storage)
    return gradient
  }

  func weightGradient(input: Tensor, upstream: Tensor) -> (weight: Tensor, bias: Tensor?) {
    let weight = Tensor(uninitialized: geometry.weightShape)
    let bias =
      pass == .weightGradient(bias: true) ? Tensor(uninitialized: [geometry.outChannels]) : nil
    let packedBytes = unsafe onednn_convolution_packed_bytes(primitive)
    let packed = packedBytes > 0 ? Storage(byteCount: packedBytes) : weight.storage
    execute(
      input: input.storage, weight: packed, bias: bias?.storage, output: upstream.storage)
    if packedBytes > 0 {
      unsafe withScratch { scratch in
        // Safe: `packed` and `weight` have the sizes this primitive asked for.
        unsafe onednn_convolution_unpack(
          primitive, packed.base, weight.storage.floats, scratch)
      }
    }
    return (weight, bias)
  }

  /// The weight in the layout the kernel works on.
  private func packed(_ weight: Tensor) -> Storage {
    let bytes = unsafe onednn_convolution_packed_bytes(primitive)
    guard bytes > 0 else { return weight.storage }
    return unsafe weight.storage.form(.oneDNN(layout: onednn_convolution_packed_layout(primitive)))
    {
      let packed = Storage(byteCount: bytes)
      unsafe withScratch { scratch in
        // Safe: `weight` has the geometry's shape and `packed` the size this primitive asked for.
        unsafe onednn_convolution_pack(primitive, weight.storage.floats, packed.base, scratch)
      }
      return packed
    }
  }

  private func execute(
    input: Storage, weight: Storage, bias: Storage? = nil, residual: Storage? = nil,
    output: Storage
  ) {
    unsafe withScratch { scratch in
      // Safe: the callers' tensors have the shapes the primitive was made for.
      var memory = unsafe onednn_convolution_memory(
        input: input.floats, weight: weight.floats, bias: bias?.floats,
        residual: residual?.floats, output: output.floats, scratch: scratch)
      defer { withExtendedLifetime((input, weight, bias, residual, output)) {} }
      return unsafe onednn_convolution_execute(primitive, &memory)
    }
  }

  private func withScratch(_ body: (UnsafeMutableRawPointer) -> Bool) {
    let scratch = unsafe Storage(byteCount: onednn_convolution_scratch_bytes(primitive))
    let succeeded = unsafe body(scratch.base)
    withExtendedLifetime(scratch) {}
    check(succeeded, "oneDNN \(LibraryVersions.oneDNN) failed in \(pass) of \(geometry)")
  }
}

extension Storage {
  var floats: UnsafeMutablePointer<Float> { unsafe base.assumingMemoryBound(to: Float.self) }
}

extension onednn_convolution_shape {
  fileprivate init(_ geometry: Convolution2dGeometry, _ pass: OneDNNConvolution.Pass) {
    self.init()
    switch pass {
    case .forward(let bias, let residual, let activation):
      kind = onednn_forward
      self.bias = bias
      self.residual = residual
      self.activation =
        switch activation {
        case .none: onednn_activation_none
        case .relu: onednn_activation_relu
        case .relu6: onednn_activation_relu6
        }
    case .inputGradient:
      kind = onednn_input_gradient
    case .weightGradient(let bias):
      kind = onednn_weight_gradient
      self.bias = bias
    }
    let parameters = geometry.parameters
    (batch, groups) = (Int64(geometry.batch), Int64(parameters.groups))
    (in_height, in_width) = (Int64(geometry.inHeight), Int64(geometry.inWidth))
    (out_height, out_width) = (Int64(geometry.outHeight), Int64(geometry.outWidth))
    (in_channels, out_channels) = (Int64(geometry.inChannels), Int64(geometry.outChannels))
    (kernel_height, kernel_width) = (Int64(geometry.kernelHeight), Int64(geometry.kernelWidth))
    (stride, dilation) = (Int64(parameters.stride), Int64(parameters.dilation))
    (top, left) = (Int64(parameters.padding.top), Int64(parameters.padding.left))
    (bottom, right) = (Int64(parameters.padding.bottom), Int64(parameters.padding.right))
  }
}
