// What a softmax needs of rows of WIDTH floats; after row_template.h.

// a * b + c
INLINE NAME(row) NAME(multiply_add)(NAME(row) a, NAME(row) b, NAME(row) c) {
  for (int i = 0; i < WIDTH / 16; i++) a.sixteen[i] = a.sixteen[i] * b.sixteen[i] + c.sixteen[i];
  if (WIDTH % 16 / 8) a.eight[0] = a.eight[0] * b.eight[0] + c.eight[0];
  if (WIDTH % 8 / 4) a.four[0] = a.four[0] * b.four[0] + c.four[0];
  for (int i = 0; i < WIDTH % 4; i++) a.one[i] = a.one[i] * b.one[i] + c.one[i];
  return a;
}

// e^(a - b), not above 1.
INLINE NAME(row) NAME(exp_of_difference)(NAME(row) a, float b) {
  for (int i = 0; i < WIDTH / 16; i++) a.sixteen[i] = exp_v16(a.sixteen[i] - b);
  if (WIDTH % 16 / 8) a.eight[0] = exp_v8(a.eight[0] - b);
  if (WIDTH % 8 / 4) a.four[0] = exp_v4(a.four[0] - b);
  for (int i = 0; i < WIDTH % 4; i++) a.one[i] = exp_one(a.one[i] - b);
  return a;
}

INLINE NAME(row) NAME(scale)(NAME(row) a, float factor) {
  for (int i = 0; i < WIDTH / 16; i++) a.sixteen[i] *= factor;
  if (WIDTH % 16 / 8) a.eight[0] *= factor;
  if (WIDTH % 8 / 4) a.four[0] *= factor;
  for (int i = 0; i < WIDTH % 4; i++) a.one[i] *= factor;
  return a;
}

// Halves until four are left.
INLINE float NAME(sum)(NAME(row) a) {
  if (WIDTH < 4) return WIDTH == 1 ? a.one[0] : a.one[0] + a.one[WIDTH % 4 / 2];
  v8 eight = {0};
  v4 four = {0};
  if (WIDTH == 32) a.sixteen[0] += a.sixteen[WIDTH / 32];
  if (WIDTH / 16) eight = low_v16(a.sixteen[0]) + high_v16(a.sixteen[0]);
  if (WIDTH % 16 / 8) eight += a.eight[0];
  if (WIDTH / 8) four = low_v8(eight) + high_v8(eight);
  if (WIDTH % 8 / 4) four += a.four[0];
  return (four[0] + four[2]) + (four[1] + four[3]);
}

INLINE float NAME(maximum)(NAME(row) a) {
  if (WIDTH < 4) return WIDTH == 1 ? a.one[0] : larger(a.one[0], a.one[WIDTH % 4 / 2]);
  v8 eight = {0};
  v4 four = {0};
  if (WIDTH / 16) eight = larger_v8(low_v16(a.sixteen[0]), high_v16(a.sixteen[0]));
  if (WIDTH == 32)
    eight = larger_v8(
        eight, larger_v8(low_v16(a.sixteen[WIDTH / 32]), high_v16(a.sixteen[WIDTH / 32])));
  if (WIDTH % 16 / 8) eight = WIDTH / 16 ? larger_v8(eight, a.eight[0]) : a.eight[0];
  if (WIDTH / 8) four = larger_v4(low_v8(eight), high_v8(eight));
  if (WIDTH % 8 / 4) four = WIDTH / 8 ? larger_v4(four, a.four[0]) : a.four[0];
  return larger(larger(four[0], four[2]), larger(four[1], four[3]));
}
