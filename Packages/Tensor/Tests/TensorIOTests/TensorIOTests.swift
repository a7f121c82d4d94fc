import TensorIO
import Testing
