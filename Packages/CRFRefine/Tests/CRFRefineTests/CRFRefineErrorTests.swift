import CRFRefine
import Testing

@Suite("CRFRefineError")
struct CRFRefineErrorTests {}
