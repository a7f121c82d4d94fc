"""libfbrc.so: where it is, its structures and the types of its functions (see `fbr.h`)."""

import ctypes
import functools
import os
import pathlib
from ctypes import POINTER, c_char_p, c_double, c_float, c_int32, c_int64, c_uint64, c_void_p

import numpy as np


class RawConfiguration(ctypes.Structure):
    _fields_ = [
        ("sure_share", c_double), ("entropy_quantile", c_double), ("score_floor", c_float),
        ("temperature", c_float), ("intra_foreground_weight", c_float),
        ("foreground_background_weight", c_float), ("separation_weight", c_float),
        ("prototype_divisor", c_int32), ("negatives", c_int32), ("per_class", c_int32),
        ("background", c_int32), ("reference", c_int32),
    ]


class Batch(ctypes.Structure):
    _fields_ = [
        ("batch", c_int64), ("height", c_int64), ("width", c_int64), ("depth", c_int64),
        ("classes", c_int64), ("foreground", c_void_p), ("background", c_void_p),
        ("logits", c_void_p), ("image_labels", c_void_p), ("ignore", c_void_p),
        ("bank", c_void_p), ("bank_rows", c_int64),
    ]


class Losses(ctypes.Structure):
    _fields_ = [
        ("total", c_float), ("foreground_background", c_float), ("intra_foreground", c_float),
        ("separation", c_float), ("queries", c_int64), ("foreground_pixels", c_int64),
        ("background_pixels", c_int64), ("ignored_pixels", c_int64), ("classes", c_int64),
    ]


class Clustering(ctypes.Structure):
    _fields_ = [
        ("clusters", c_int32), ("cosine", c_int32), ("maximum_iterations", c_int32),
        ("restarts", c_int32), ("mini_batch", c_int32), ("tolerance", c_double),
    ]


_ERROR = [c_char_p, c_int64]
_ARGUMENTS = {
    "fbr_loss": [
        POINTER(Batch), POINTER(RawConfiguration), c_uint64, c_uint64, POINTER(Losses), c_void_p,
        c_void_p,
    ],
    "fbr_seed_map": [POINTER(Batch), c_void_p, c_void_p],
    "fbr_negative_regions": [
        c_void_p, c_void_p, c_int64, c_int64, c_int64, c_int64, POINTER(Clustering), c_uint64,
        c_uint64, c_void_p, POINTER(c_int64),
    ],
    "fbr_k_means": [
        c_void_p, c_int64, c_int64, POINTER(Clustering), c_uint64, c_void_p, c_void_p,
        POINTER(c_int64), POINTER(c_double), POINTER(c_int64),
    ],
    "fbr_info_nce": [
        c_void_p, c_int64, c_int64, c_void_p, c_void_p, c_int64, c_void_p, c_void_p, c_int64,
        c_void_p, c_int64, c_void_p, c_int64, c_float, POINTER(c_float), c_void_p,
    ],
}


@functools.cache
def library():
    """The library: the file FBR_LIBRARY names, else the one beside this module."""
    path = os.environ.get("FBR_LIBRARY") or str(pathlib.Path(__file__).with_name("libfbrc.so"))
    if not os.path.exists(path):
        raise ImportError(f"{path} is not there; 'make python' builds it, or set FBR_LIBRARY")
    loaded = ctypes.CDLL(path)
    for name, arguments in _ARGUMENTS.items():
        function = getattr(loaded, name)
        function.argtypes, function.restype = [*arguments, *_ERROR], c_int32
    loaded.fbr_default_configuration.argtypes = [c_int32, POINTER(RawConfiguration)]
    loaded.fbr_default_configuration.restype = None
    loaded.fbr_set_threads.argtypes, loaded.fbr_set_threads.restype = [c_int32], None
    return loaded


def call(name, *arguments):
    """Calls a function; what it finds wrong becomes a ValueError."""
    error = ctypes.create_string_buffer(1024)
    if getattr(library(), name)(*arguments, error, len(error)) != 0:
        raise ValueError(error.value.decode(errors="replace"))


def pointer(array):
    return None if array is None else array.ctypes.data


def floats(name, values, rank):
    """Contiguous float32 of so many axes; a copy only where the array is not so already."""
    array = np.ascontiguousarray(values, dtype=np.float32)
    if array.ndim != rank:
        raise ValueError(f"{name} of shape {array.shape}, expected {rank} axes")
    return array


def integers(values, rank):
    array = np.ascontiguousarray(values, dtype=np.int32)
    if array.ndim != rank:
        raise ValueError(f"indices of shape {array.shape}, expected {rank} axes")
    return array
