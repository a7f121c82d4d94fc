// Rows of a fixed number of floats, held in as few vectors as make up the number.
#pragma once
#include <stdint.h>

#define ROW_PASTE(a, b) a##_##b
#define ROW_EXPAND(a, b) ROW_PASTE(a, b)
#define INLINE static inline __attribute__((always_inline))

// Every function below is inlined: no vector is ever passed.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float v4 __attribute__((vector_size(16), aligned(4)));
typedef float v8 __attribute__((vector_size(32), aligned(4)));
typedef float v16 __attribute__((vector_size(64), aligned(4)));
typedef uint32_t u4 __attribute__((vector_size(16), aligned(4)));
typedef uint32_t u8 __attribute__((vector_size(32), aligned(4)));
typedef uint32_t u16 __attribute__((vector_size(64), aligned(4)));

INLINE float larger(float a, float b) { return a > b ? a : b; }

INLINE v4 larger_v4(v4 a, v4 b) {
  const u4 first = (u4)(a > b);
  return (v4)(((u4)a & first) | ((u4)b & ~first));
}
INLINE v8 larger_v8(v8 a, v8 b) {
  const u8 first = (u8)(a > b);
  return (v8)(((u8)a & first) | ((u8)b & ~first));
}

INLINE v8 low_v16(v16 x) { return __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7); }
INLINE v8 high_v16(v16 x) { return __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15); }
INLINE v4 low_v8(v8 x) { return __builtin_shufflevector(x, x, 0, 1, 2, 3); }
INLINE v4 high_v8(v8 x) { return __builtin_shufflevector(x, x, 4, 5, 6, 7); }

// e^x for x <= 0, wrong by less than 1e-6; 0 below -87.
// 2^f by a polynomial, f in [-0.5, 0.5], whose exponent is then moved.
#define EXP_OF_NEGATIVE(float_type, bits_type)                                        \
  const float_type zero = {0}, log2_e = zero + 1.44269504f;                           \
  const float_type magic = zero + 12582912.0f; /* 1.5 * 2^23: adding it rounds */     \
  const float_type shifted = x * log2_e + magic;                                      \
  const float_type f = x * log2_e - (shifted - magic);                                \
  float_type p = zero + 1.32218e-3f;                                                  \
  p = p * f + 9.67722e-3f;                                                            \
  p = p * f + 5.550958e-2f;                                                           \
  p = p * f + 2.4022134e-1f;                                                          \
  p = p * f + 6.9314674e-1f;                                                          \
  p = p * f + 1.0f;                                                                   \
  const bits_type power = (bits_type)p + ((bits_type)shifted << 23);                  \
  return (float_type)(power & (bits_type)(x > zero - 87.0f));

INLINE v4 exp_v4(v4 x) { EXP_OF_NEGATIVE(v4, u4) }
INLINE v8 exp_v8(v8 x) { EXP_OF_NEGATIVE(v8, u8) }
INLINE v16 exp_v16(v16 x) { EXP_OF_NEGATIVE(v16, u16) }
INLINE float exp_one(float x) {
  const v4 wide = exp_v4((v4){x, x, x, x});
  return wide[0];
}
#undef EXP_OF_NEGATIVE
