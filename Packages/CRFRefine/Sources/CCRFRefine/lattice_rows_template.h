// Splat, blur and slice of WIDTH columns of rows `stride` floats apart.
#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)
#define NAME(what) PASTE(PASTE(what, _), WIDTH)

typedef struct {
  v16 sixteen[WIDTH / 16];
  v8 eight[WIDTH % 16 / 8];
  v4 four[WIDTH % 8 / 4];
  float one[WIDTH % 4];
} NAME(row);

static inline __attribute__((always_inline)) NAME(row) NAME(load)(const float *from) {
  NAME(row) row;
  for (int i = 0; i < WIDTH / 16; i++) row.sixteen[i] = *(const v16 *)(from + 16 * i);
  if (WIDTH % 16 / 8) row.eight[0] = *(const v8 *)(from + WIDTH / 16 * 16);
  if (WIDTH % 8 / 4) row.four[0] = *(const v4 *)(from + WIDTH / 8 * 8);
  for (int i = 0; i < WIDTH % 4; i++) row.one[i] = from[WIDTH / 4 * 4 + i];
  return row;
}

static inline __attribute__((always_inline)) void NAME(store)(float *to, NAME(row) row) {
  for (int i = 0; i < WIDTH / 16; i++) *(v16 *)(to + 16 * i) = row.sixteen[i];
  if (WIDTH % 16 / 8) *(v8 *)(to + WIDTH / 16 * 16) = row.eight[0];
  if (WIDTH % 8 / 4) *(v4 *)(to + WIDTH / 8 * 8) = row.four[0];
  for (int i = 0; i < WIDTH % 4; i++) to[WIDTH / 4 * 4 + i] = row.one[i];
}

// a + factor * b
static inline __attribute__((always_inline)) NAME(row) NAME(add)(
    NAME(row) a, float factor, NAME(row) b) {
  for (int i = 0; i < WIDTH / 16; i++) a.sixteen[i] += factor * b.sixteen[i];
  if (WIDTH % 16 / 8) a.eight[0] += factor * b.eight[0];
  if (WIDTH % 8 / 4) a.four[0] += factor * b.four[0];
  for (int i = 0; i < WIDTH % 4; i++) a.one[i] += factor * b.one[i];
  return a;
}

CK_DISPATCHED
static void NAME(splat)(
    float *values, const int32_t *starts, const cl_share *shares, const float *rows, int stride,
    ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t vertex = begin; vertex < end; vertex++) {
    NAME(row) sum = {};
    for (int32_t i = starts[vertex]; i < starts[vertex + 1]; i++)
      sum = NAME(add)(
          sum, shares[i].weight, NAME(load)(rows + (ptrdiff_t)shares[i].index * stride));
    NAME(store)(values + vertex * stride, sum);
  }
}

CK_DISPATCHED
static void NAME(blur)(
    float *values, const int32_t *runs, ptrdiff_t run_count, int stride, ptrdiff_t begin,
    ptrdiff_t end) {
  // A run belongs to the chunk that holds its first vertex.
  while (begin < end && begin > 0 && runs[begin - 1] >= 0) begin++;
  while (begin < end) {
    NAME(row) before = {}, own = NAME(load)(values + (ptrdiff_t)runs[begin] * stride);
    for (; runs[begin] >= 0; begin++) {
      if (begin + AHEAD < run_count) {
        const int32_t later = runs[begin + AHEAD];
        prefetch_row(values + (ptrdiff_t)(later < 0 ? ~later : later) * stride, WIDTH);
      }
      const int32_t following = runs[begin + 1];
      NAME(row) after =
          NAME(load)(values + (ptrdiff_t)(following < 0 ? ~following : following) * stride);
      NAME(store)(
          values + (ptrdiff_t)runs[begin] * stride,
          NAME(add)(own, 0.5f, NAME(add)(before, 1.0f, after)));
      before = own;
      own = after;
    }
    NAME(store)(values + (ptrdiff_t)~runs[begin] * stride, NAME(add)(own, 0.5f, before));
    begin++;
  }
}

CK_DISPATCHED
static void NAME(slice)(
    float *out, const cl_share *shares, ptrdiff_t vertices, const float *values, float factor,
    const float *factors, int stride, ptrdiff_t begin, ptrdiff_t end) {
  for (ptrdiff_t point = begin; point < end; point++, out += stride) {
    const cl_share *own = shares + point * vertices;
    NAME(row) sum = {};
    for (ptrdiff_t i = 0; i < vertices; i++)
      sum = NAME(add)(
          sum, own[i].weight, NAME(load)(values + (ptrdiff_t)own[i].index * stride));
    NAME(store)(out, NAME(add)(NAME(load)(out), factors ? factor * factors[point] : factor, sum));
  }
}

#undef NAME
#undef PASTE
#undef PASTE2
#undef WIDTH
