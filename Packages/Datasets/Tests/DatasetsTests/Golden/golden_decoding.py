"""Small JPEG and PNG files, in pictures/, with the pixels Pillow reads from them."""

import io
import pathlib
import struct
import zlib

import cv2
import golden_file
import numpy as np
import PIL
from PIL import Image, ImageOps

random = np.random.default_rng(3)
height, width = 9, 11
y, x = np.mgrid[0:height, 0:width]
smooth = np.stack([x * 14, y * 16, (x * y * 3) % 256], axis=-1).astype(np.uint8)
noise = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
labels = np.where(noise[..., 0] < 128, noise[..., 1] % 21, 255).astype(np.uint8)
labels[0, :4] = [0, 1, 20, 255]
cases = []
folder = pathlib.Path(__file__).with_name("pictures")
folder.mkdir(exist_ok=True)


def encoded(image, form, **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def add(name, data, pixels=None):
    if pixels is None:
        pixels = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    folder.joinpath(name).write_bytes(data)
    cases.append(golden_file.case(name, {"pixels": pixels}))


rgb = Image.fromarray(smooth)
add("444.jpg", encoded(rgb, "JPEG", quality=92, subsampling=0))
add("420.jpg", encoded(rgb, "JPEG", quality=80, subsampling=2))
add("422-progressive.jpg", encoded(rgb, "JPEG", subsampling=1, progressive=True))
add("grey.jpg", encoded(rgb.convert("L"), "JPEG"))
large = Image.fromarray(np.kron(smooth, np.ones((5, 5, 1), np.uint8)))
data = encoded(large, "JPEG", quality=80)
add("large.jpg", data)
for reduction in [2, 4, 8]:
    reduced = Image.open(io.BytesIO(data))
    reduced.draft("RGB", (large.width // reduction, large.height // reduction))
    cases.append(golden_file.case(f"large.jpg / {reduction}", {"pixels": np.asarray(reduced)}))
add("cmyk.jpg", encoded(rgb.convert("CMYK"), "JPEG", quality=95))
add("noise.jpg", encoded(Image.fromarray(noise), "JPEG", quality=75))
for orientation in range(2, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(rgb, "JPEG", quality=70, exif=exif)
    add(f"orientation-{orientation}.jpg", data)
exif = Image.Exif()
exif[0x0112] = 6
add("orientation-6.png", encoded(rgb, "PNG", exif=exif))

add("rgb.png", encoded(Image.fromarray(noise), "PNG"))
alpha = np.concatenate([noise, noise[..., :1]], axis=-1)
add("rgba.png", encoded(Image.fromarray(alpha), "PNG"))
gray = Image.fromarray(noise[..., 0])
add("grey.png", encoded(gray, "PNG"))
add("grey-alpha.png", encoded(Image.merge("LA", [gray, gray]), "PNG"))
add("1-bit.png", encoded(gray.convert("1"), "PNG"))
paletted = Image.fromarray(noise).quantize(40)
add("palette.png", encoded(paletted, "PNG"))
add("palette-transparent.png", encoded(paletted, "PNG", transparency=3))
wide = random.integers(0, 65536, (height, width, 3), dtype=np.uint16)
add("rgb-16.png", cv2.imencode(".png", wide[..., ::-1])[1].tobytes(), np.round(wide / 257))
deep = random.integers(0, 65536, (height, width), dtype=np.uint16)
add(
    "grey-16.png",
    cv2.imencode(".png", deep)[1].tobytes(),
    np.repeat(np.round(deep / 257)[..., None], 3, axis=-1),
)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def interlaced(pixels):
    """Adam7, which Pillow reads and does not write."""
    rows = b""
    for x0, y0, dx, dy in [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
    ]:  # fmt: skip
        for row in pixels[y0::dy, x0::dx]:
            rows += b"\0" + row.tobytes() if row.size else b""
    size = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 1)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


add("interlaced.png", interlaced(noise))


def palette():
    colors = []
    for label in range(256):
        for channel in range(3):
            colors.append(sum((label >> (3 * b + channel) & 1) << (7 - b) for b in range(3)))
    return colors


mask = Image.fromarray(labels)
mask.putpalette(palette())
add("mask-palette.png", encoded(mask, "PNG"), labels)
add("mask-grey.png", encoded(Image.fromarray(labels), "PNG"), labels)
add("mask-voc-colours.png", encoded(mask.convert("RGB"), "PNG"), labels)
add("mask-grey-16.png", cv2.imencode(".png", labels.astype(np.uint16))[1].tobytes(), labels)
few = Image.fromarray((labels % 16).astype(np.uint8))
few.putpalette(palette()[:48])
add("mask-4-bit.png", encoded(few, "PNG", bits=4), labels % 16)
ids = (deep % 900).astype(np.uint16)
ids[0, 0] = 899
add("mask-ids.png", cv2.imencode(".png", ids)[1].tobytes(), ids)

golden_file.write(
    pathlib.Path(__file__).with_name("decoding.json"),
    cases,
    pillow=PIL.__version__,
    opencv=cv2.__version__,
)
