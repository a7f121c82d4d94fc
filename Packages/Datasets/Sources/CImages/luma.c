#include "CImages.h"

void ci_luma(const uint8_t *rgb, uint8_t *gray, size_t count) {
  for (size_t i = 0; i < count; i++, rgb += 3)
    gray[i] = (uint8_t)((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
}
