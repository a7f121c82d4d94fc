#include "CImages.h"

static uint32_t integer(const uint8_t *bytes, int size, bool little) {
  uint32_t value = 0;
  for (int i = 0; i < size; i++) value = value << 8 | bytes[little ? size - 1 - i : i];
  return value;
}

int ci_exif_orientation(const uint8_t *tiff, size_t size) {
  if (size < 8 || tiff[0] != tiff[1] || (tiff[0] != 'I' && tiff[0] != 'M')) return 1;
  bool little = tiff[0] == 'I';
  size_t directory = integer(tiff + 4, 4, little);
  if (directory > size || size - directory < 2) return 1;
  size_t count = integer(tiff + directory, 2, little);
  for (size_t entry = directory + 2; count > 0 && size - entry >= 12; entry += 12, count--) {
    if (integer(tiff + entry, 2, little) != 0x0112) continue;
    uint32_t value = integer(tiff + entry + 8, 2, little);
    return value >= 1 && value <= 8 ? (int)value : 1;
  }
  return 1;
}
