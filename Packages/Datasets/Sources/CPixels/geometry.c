#include "CPixels.h"

#include <string.h>

static void fill_pixels(uint8_t *out, size_t count, size_t size, const uint8_t *fill) {
  for (size_t i = 0; i < count; i++) memcpy(out + i * size, fill, size);
}

static ptrdiff_t within(ptrdiff_t value, ptrdiff_t low, ptrdiff_t high) {
  return value < low ? low : value > high ? high : value;
}

void cp_crop(
    const uint8_t *source, ptrdiff_t height, ptrdiff_t width, size_t size, const uint8_t *fill,
    uint8_t *out, ptrdiff_t top, ptrdiff_t left, ptrdiff_t out_height, ptrdiff_t out_width) {
  // The columns of the result that come from the source.
  ptrdiff_t begin = within(-left, 0, out_width);
  ptrdiff_t end = within(width - left, begin, out_width);
  for (ptrdiff_t y = 0; y < out_height; y++, out += out_width * (ptrdiff_t)size) {
    ptrdiff_t from = y + top;
    if (from < 0 || from >= height || begin == end) {
      fill_pixels(out, (size_t)out_width, size, fill);
      continue;
    }
    fill_pixels(out, (size_t)begin, size, fill);
    memcpy(
        out + begin * (ptrdiff_t)size,
        source + (from * width + begin + left) * (ptrdiff_t)size, (size_t)(end - begin) * size);
    fill_pixels(out + end * (ptrdiff_t)size, (size_t)(out_width - end), size, fill);
  }
}

static inline void mirror(
    const uint8_t *source, size_t height, size_t width, size_t size, uint8_t *out) {
  for (size_t y = 0; y < height; y++) {
    const uint8_t *pixel = source + (y + 1) * width * size;
    for (size_t x = 0; x < width; x++, out += size) memcpy(out, pixel -= size, size);
  }
}

void cp_mirror(const uint8_t *source, size_t height, size_t width, size_t size, uint8_t *out) {
  if (size == 1) mirror(source, height, width, 1, out);
  else if (size == 3) mirror(source, height, width, 3, out);
  else mirror(source, height, width, size, out);
}
