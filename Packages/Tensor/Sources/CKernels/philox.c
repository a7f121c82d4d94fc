#include "philox.h"

#include <math.h>

#define INLINED static inline __attribute__((always_inline))

INLINED void block_words(uint64_t seed, uint64_t stream, uint64_t block, uint32_t words[4]) {
  uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32);
  uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1, c3 = (uint32_t)p0, c0 = n0, c2 = n2;
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  words[0] = c0, words[1] = c1, words[2] = c2, words[3] = c3;
}

void ck_philox_block(uint64_t seed, uint64_t stream, uint64_t block, uint32_t words[4]) {
  block_words(seed, stream, block, words);
}

void ck_philox_uniform(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end, float *out) {
  for (ptrdiff_t first = begin; first < end; first += 4) {
    uint32_t words[4];
    block_words(seed, stream, block + (uint64_t)first / 4, words);
    for (ptrdiff_t i = 0; i < 4 && first + i < end; i++)
      out[first + i] = (float)(words[i] >> 8) * 0x1p-24f;
  }
}

void ck_philox_normal(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end, float *out) {
  for (ptrdiff_t first = begin; first < end; first += 4) {
    uint32_t words[4];
    block_words(seed, stream, block + (uint64_t)first / 4, words);
    float values[4];
    for (int pair = 0; pair < 4; pair += 2) {
      // In (0, 1], so that the logarithm is finite.
      double radius = sqrt(-2 * log(((double)words[pair] + 1) * 0x1p-32));
      double angle = (double)words[pair + 1] * (0x1p-31 * M_PI);
      values[pair] = (float)(radius * cos(angle)), values[pair + 1] = (float)(radius * sin(angle));
    }
    for (ptrdiff_t i = 0; i < 4 && first + i < end; i++) out[first + i] = values[i];
  }
}

// 64 random bits for each of two elements.
INLINED void wide_words(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t first, uint64_t wide[2]) {
  uint32_t words[4];
  block_words(seed, stream, block + (uint64_t)first / 2, words);
  wide[0] = (uint64_t)words[1] << 32 | words[0], wide[1] = (uint64_t)words[3] << 32 | words[2];
}

void ck_philox_integers(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end, uint32_t bound,
    int32_t *out) {
  for (ptrdiff_t first = begin; first < end; first += 2) {
    uint64_t wide[2];
    wide_words(seed, stream, block, first, wide);
    // The bias of scaling 64 bits is below 2^-32.
    for (ptrdiff_t i = 0; i < 2 && first + i < end; i++)
      out[first + i] = (int32_t)(uint32_t)((unsigned __int128)wide[i] * bound >> 64);
  }
}

void ck_philox_categorical(
    uint64_t seed, uint64_t stream, uint64_t block, ptrdiff_t begin, ptrdiff_t end,
    const double *cumulative, ptrdiff_t count, int32_t *out) {
  for (ptrdiff_t first = begin; first < end; first += 2) {
    uint64_t wide[2];
    wide_words(seed, stream, block, first, wide);
    for (ptrdiff_t i = 0; i < 2 && first + i < end; i++) {
      double at = (double)(wide[i] >> 11) * 0x1p-53 * cumulative[count - 1];
      ptrdiff_t low = 0, high = count - 1;
      while (low < high) {
        ptrdiff_t middle = (low + high) / 2;
        if (at < cumulative[middle]) high = middle;
        else low = middle + 1;
      }
      out[first + i] = (int32_t)low;
    }
  }
}
