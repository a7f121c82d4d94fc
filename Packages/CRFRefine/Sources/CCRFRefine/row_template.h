// A row of WIDTH floats: 1, 2, or a multiple of 4. NAME(x) is x_WIDTH; undefine both after use.
#define NAME(what) ROW_EXPAND(what, WIDTH)

typedef struct {
  v16 sixteen[WIDTH / 16];  // an array of none takes no room
  v8 eight[WIDTH % 16 / 8];
  v4 four[WIDTH % 8 / 4];
  float one[WIDTH % 4];
} NAME(row);

// The same for every part of rows; `at` is the first column of the part.
#define FOR_PARTS(sixteens, eights, fours, ones)                                     \
  for (int i = 0, at = 0; i < WIDTH / 16; i++, at += 16) { (void)at; sixteens; }     \
  for (int i = 0, at = WIDTH / 16 * 16; i < WIDTH % 16 / 8; i++) { (void)at; eights; } \
  for (int i = 0, at = WIDTH / 8 * 8; i < WIDTH % 8 / 4; i++) { (void)at; fours; }   \
  for (int i = 0, at = WIDTH / 4 * 4; i < WIDTH % 4; i++, at++) { (void)at; ones; }

INLINE NAME(row) NAME(load)(const float *from) {
  NAME(row) row;
  FOR_PARTS(
      row.sixteen[i] = *(const v16 *)(from + at), row.eight[i] = *(const v8 *)(from + at),
      row.four[i] = *(const v4 *)(from + at), row.one[i] = from[at])
  return row;
}

INLINE void NAME(store)(float *to, NAME(row) row) {
  FOR_PARTS(
      *(v16 *)(to + at) = row.sixteen[i], *(v8 *)(to + at) = row.eight[i],
      *(v4 *)(to + at) = row.four[i], to[at] = row.one[i])
}

// a + factor * b
INLINE NAME(row) NAME(add)(NAME(row) a, float factor, NAME(row) b) {
  FOR_PARTS(
      a.sixteen[i] += factor * b.sixteen[i], a.eight[i] += factor * b.eight[i],
      a.four[i] += factor * b.four[i], a.one[i] += factor * b.one[i])
  return a;
}

#undef FOR_PARTS
