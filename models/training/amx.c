// A training step's matrix products for CPUs with bf16 matrix units (AMX), each with the element-wise work around it, so that scores and
// logits stay in the caches: linear layers, causal attention, and the head with its cross entropy. Compiled by fused.py.
//
// A tile product multiplies A [16, 32] by B [32, 16] into f32 [16, 16]. A is any row-major bf16 matrix. B's tiles lie one behind another
// with two rows interleaved, as the units want them; "packed [K, N]" is that form, in panels of 32 columns: panel, 32 rows, 16 columns.
// Scores and logits are computed transposed, keys or tokens down and positions across: sums over them are sums of vectors, and two rows
// of results interleave to a B for the next product. All lengths are multiples of 32.
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef uint16_t bf16;

enum { BLOCK = 32, PAIR = 2 * 16 * 32 };  // PAIR: the elements of two packed tiles, [32, 32] of B.
// A distance between rows at which they do not all fall into the same few sets of the first cache.
static inline long apart(long length) { return length + BLOCK; }

static const float log2_e = 1.44269504f;

// Asks Linux for the tiles. Returns 0 if this process may use them.
long amx_allow(void) { return syscall(SYS_arch_prctl, 0x1023 /* ARCH_REQ_XCOMP_PERM */, 18 /* tile data */); }

static inline void configure(void) {
  struct { uint8_t palette, start, reserved[14]; uint16_t bytes[16]; uint8_t rows[16]; } config = {.palette = 1};
  for (int t = 0; t < 8; t++) config.bytes[t] = 64, config.rows[t] = 16;
  _tile_loadconfig(&config);
}

static void *room(long bytes) { return aligned_alloc(4096, (bytes + 4095) / 4096 * 4096); }

// c [32, 32] (+)= a [32, 32·steps] · b (packed, one panel).
static inline void product(const bf16 *a, long lda, const bf16 *b, long steps, float *c, long ldc, int adds) {
  if (adds) {
    _tile_loadd(0, c, ldc * 4);
    _tile_loadd(1, c + 16, ldc * 4);
    _tile_loadd(2, c + 16 * ldc, ldc * 4);
    _tile_loadd(3, c + 16 * ldc + 16, ldc * 4);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (long s = 0; s < steps; s++, a += BLOCK, b += PAIR) {
    _tile_loadd(4, a, lda * 2);
    _tile_loadd(6, b, 64);
    _tile_loadd(7, b + PAIR / 2, 64);
    _tile_loadd(5, a + 16 * lda, lda * 2);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, ldc * 4);
  _tile_stored(1, c + 16, ldc * 4);
  _tile_stored(2, c + 16 * ldc, ldc * 4);
  _tile_stored(3, c + 16 * ldc + 16, ldc * 4);
}

// 32 values as bf16, from f32 if `wide`.
static inline __m512i load32(const void *from, long at, int wide) {
  if (!wide) return _mm512_loadu_si512((const bf16 *)from + at);
  const float *f = (const float *)from + at;
  return (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(f + 16), _mm512_loadu_ps(f));
}

static inline __m256i narrow16(__m512 x) { return (__m256i)_mm512_cvtneps_pbh(x); }

static inline __m512 widen16(__m256i x) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16)); }

// Two rows of 16, element by element.
static inline __m512i interleave16(__m512 a, __m512 b) {
  return _mm512_or_si512(_mm512_cvtepu16_epi32(narrow16(a)), _mm512_slli_epi32(_mm512_cvtepu16_epi32(narrow16(b)), 16));
}

// Two rows of 32, element by element: the first 16 pairs in `low`.
static inline void interleave32(__m512i a, __m512i b, __m512i *low, __m512i *high) {
  const __m512i first = _mm512_add_epi16(_mm512_srli_epi16(_mm512_set_epi16(31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14,
                                                                          13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), 1),
                                         _mm512_set1_epi32(32 << 16));
  *low = _mm512_permutex2var_epi16(a, first, b);
  *high = _mm512_permutex2var_epi16(a, _mm512_add_epi16(first, _mm512_set1_epi16(16)), b);
}

// 16 vectors of 16 32-bit values.
static inline void transpose16(__m512i r[16]) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]), t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]), r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]), r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 16; i += 8) {
    for (int j = 0; j < 4; j++) {
      t[i + j] = _mm512_shuffle_i32x4(r[i + j], r[i + j + 4], 0x88);
      t[i + j + 4] = _mm512_shuffle_i32x4(r[i + j], r[i + j + 4], 0xDD);
    }
  }
  for (int j = 0; j < 8; j++) {
    r[j] = _mm512_shuffle_i32x4(t[j], t[j + 8], 0x88);
    r[j + 8] = _mm512_shuffle_i32x4(t[j], t[j + 8], 0xDD);
  }
}

// Packs [K, N], row-major.
static void pack(const void *from, long ld, int wide, long rows, long columns, bf16 *to) {
  for (long row = 0; row < rows; row += 2) {
    for (long panel = 0; panel < columns; panel += BLOCK) {
      __m512i low, high;
      interleave32(load32(from, row * ld + panel, wide), load32(from, (row + 1) * ld + panel, wide), &low, &high);
      bf16 *pair = to + (panel / BLOCK * (rows / BLOCK) + row / BLOCK) * PAIR + row % BLOCK / 2 * 32;
      _mm512_storeu_si512(pair, low);
      _mm512_storeu_si512(pair + PAIR / 2, high);
    }
  }
}

// Packs the transposed of [N, K], row-major.
static void pack_transposed(const void *from, long ld, int wide, long columns, long rows, bf16 *to) {
  for (long column = 0; column < columns; column += 16) {
    for (long row = 0; row < rows; row += BLOCK) {
      __m512i r[16];
      for (int i = 0; i < 16; i++) r[i] = load32(from, (column + i) * ld + row, wide);
      transpose16(r);
      bf16 *tile = to + (column / BLOCK * (rows / BLOCK) + row / BLOCK) * PAIR + column % BLOCK * 32;
      for (int i = 0; i < 16; i++) _mm512_storeu_si512(tile + i * 32, r[i]);
    }
  }
}

// [M, K], row-major, from [K, M].
static void transpose(const void *from, long ld, int wide, long rows, long columns, bf16 *to, long ldt) {
  for (long row = 0; row < rows; row += BLOCK) {
    for (long column = 0; column < columns; column += BLOCK) {
      __m512i r[2][16];
      for (int i = 0; i < 16; i++) {
        long at = (row + 2 * i) * ld + column;
        interleave32(load32(from, at, wide), load32(from, at + ld, wide), &r[0][i], &r[1][i]);
      }
      for (int half = 0; half < 2; half++) {
        transpose16(r[half]);
        for (int i = 0; i < 16; i++) _mm512_storeu_si512(to + (column + half * 16 + i) * ldt + row, r[half][i]);
      }
    }
  }
}

// to [columns, rows] in bf16 = from [rows, columns] in f32, each column times a scale. `rows` is the width of a head or of the model.
static void narrow_transposed(const float *from, long ld, long rows, long columns, const float *scales, bf16 *to, long ldt) {
  for (long row = 0; row < rows; row += 16) {
    for (long column = 0; column < columns; column += 16) {
      __m512i r[16];
      __m512 scale = _mm512_loadu_ps(scales + column);
      for (int i = 0; i < 16; i++) r[i] = (__m512i)_mm512_mul_ps(_mm512_loadu_ps(from + (row + i) * ld + column), scale);
      transpose16(r);
      for (int i = 0; i < 16; i++) _mm256_storeu_si256((void *)(to + (column + i) * ldt + row), narrow16((__m512)r[i]));
    }
  }
}

// 2^x, to some 1e-4 of it: half of bfloat16's last place is 2e-3.
static inline __m512 exponential2(__m512 x) {
  x = _mm512_min_ps(_mm512_max_ps(x, _mm512_set1_ps(-126.f)), _mm512_set1_ps(100.f));
  __m512 f = _mm512_reduce_ps(x, 0);  // x less the nearest whole number
  __m512 p = _mm512_fmadd_ps(f, _mm512_set1_ps(0.009618129f), _mm512_set1_ps(0.05550411f));
  p = _mm512_fmadd_ps(f, p, _mm512_set1_ps(0.24022651f));
  p = _mm512_fmadd_ps(f, p, _mm512_set1_ps(0.69314718f));
  p = _mm512_fmadd_ps(f, p, _mm512_set1_ps(1.f));
  return _mm512_scalef_ps(p, _mm512_sub_ps(x, f));
}

// Linear layers: y [M, O] = x [M, I] · weightᵀ [O, I] + bias.

static void narrow_block(const float *c, const float *bias, bf16 *to, long ld) {
  __m512 low = bias ? _mm512_loadu_ps(bias) : _mm512_setzero_ps(), high = bias ? _mm512_loadu_ps(bias + 16) : _mm512_setzero_ps();
  for (int i = 0; i < BLOCK; i++) {
    __m512 left = _mm512_add_ps(_mm512_load_ps(c + i * BLOCK), low), right = _mm512_add_ps(_mm512_load_ps(c + i * BLOCK + 16), high);
    _mm512_storeu_si512(to + i * ld, (__m512i)_mm512_cvtne2ps_pbh(right, left));
  }
}

static void add_block(const float *c, const float *bias, const float *residual, float *to, long ld) {
  for (int i = 0; i < BLOCK; i++) {
    for (int half = 0; half < BLOCK; half += 16) {
      __m512 sum = _mm512_add_ps(_mm512_load_ps(c + i * BLOCK + half), _mm512_loadu_ps(bias + half));
      _mm512_storeu_ps(to + i * ld + half, _mm512_add_ps(sum, _mm512_loadu_ps(residual + i * ld + half)));
    }
  }
}

// c = a · packed + bias in bf16, or with a residual, which is added, in f32.
static void multiply(const bf16 *a, const bf16 *packed, const float *bias, const float *residual, void *c, long rows, long inner, long columns) {
  enum { CHUNK = 256 };  // Of the inner dimension: 32 rows of it stay in the first cache.
#pragma omp parallel
  {
    configure();
    float *blocks = room(BLOCK * columns * 4);
#pragma omp for schedule(static)
    for (long row = 0; row < rows; row += BLOCK) {
      for (long start = 0; start < inner; start += CHUNK) {
        long end = start + CHUNK < inner ? start + CHUNK : inner;
        for (long column = 0; column < columns; column += BLOCK) {
          float *block = blocks + column * BLOCK;
          product(a + row * inner + start, inner, packed + column * inner + start * BLOCK, (end - start) / BLOCK, block, BLOCK, start > 0);
          long at = row * columns + column;
          if (end < inner) continue;
          if (residual) add_block(block, bias + column, residual + at, (float *)c + at, columns);
          else narrow_block(block, bias ? bias + column : NULL, (bf16 *)c + at, columns);
        }
      }
    }
    free(blocks);
    _tile_release();
  }
}

// y is bf16, or with a residual f32; `residual` may be null.
void amx_linear_forward(const bf16 *x, const float *weight, const float *bias, const float *residual, void *y, long rows, long inputs,
                        long outputs) {
  bf16 *packed = room(inputs * outputs * 2);
  pack_transposed(weight, inputs, 1, outputs, inputs, packed);
  multiply(x, packed, bias, residual, y, rows, inputs, outputs);
  free(packed);
}

// c [A, B], f32 = aᵀ [A, rows] · b [rows, B].
static void outer_product(const bf16 *a, const bf16 *b, float *c, long rows, long wide, long columns) {
  enum { CHUNK = 512 };
  long ld = apart(CHUNK);
  bf16 *across = room(ld * wide * 2), *packed = room(CHUNK * columns * 2);
  for (long start = 0; start < rows; start += CHUNK) {
    long length = rows - start < CHUNK ? rows - start : CHUNK;
    transpose(a + start * wide, wide, 0, length, wide, across, ld);
    pack(b + start * columns, columns, 0, length, columns, packed);
#pragma omp parallel
    {
      configure();
#pragma omp for schedule(static)
      for (long row = 0; row < wide; row += BLOCK) {
        for (long column = 0; column < columns; column += BLOCK) {
          product(across + row * ld, ld, packed + column * length, length / BLOCK, c + row * columns + column, columns, start > 0);
        }
      }
      _tile_release();
    }
  }
  free(across), free(packed);
}

void amx_linear_backward(const bf16 *x, const float *weight, const bf16 *dy, bf16 *dx, float *dweight, float *dbias, long rows, long inputs,
                         long outputs) {
  bf16 *packed = room(inputs * outputs * 2);
  pack(weight, inputs, 1, outputs, inputs, packed);
  multiply(dy, packed, NULL, NULL, dx, rows, outputs, inputs);
  free(packed);
  if (inputs >= outputs) {
    outer_product(dy, x, dweight, rows, outputs, inputs);
  } else {  // Transposing the rows of outputs would take longer than the result.
    float *turned = room(inputs * outputs * 4);
    outer_product(x, dy, turned, rows, inputs, outputs);
    for (long i = 0; i < inputs; i += 16) {
      for (long o = 0; o < outputs; o += 16) {
        __m512i r[16];
        for (int k = 0; k < 16; k++) r[k] = _mm512_loadu_si512(turned + (i + k) * outputs + o);
        transpose16(r);
        for (int k = 0; k < 16; k++) _mm512_storeu_si512(dweight + (o + k) * inputs + i, r[k]);
      }
    }
    free(turned);
  }
  for (long row = 0; row < rows; row += 16) {
    for (long o = 0; o < outputs; o += 16) {
      __m512 sum = row ? _mm512_loadu_ps(dbias + o) : _mm512_setzero_ps();
      for (int i = 0; i < 16; i++) sum = _mm512_add_ps(sum, widen16(_mm256_loadu_si256((const void *)(dy + (row + i) * outputs + o))));
      _mm512_storeu_ps(dbias + o, sum);
    }
  }
}

// GELU, the tanh form: x · sigmoid(u), u = 2 √(2/π) (x + 0.044715 x³).

static inline __m512 sigmoid_of(__m512 x, __m512 square) {
  __m512 inner = _mm512_fmadd_ps(square, _mm512_set1_ps(0.044715f), _mm512_set1_ps(1.f));
  __m512 e = exponential2(_mm512_mul_ps(_mm512_mul_ps(x, inner), _mm512_set1_ps(-2.f * 0.79788456f * 1.44269504f)));
  return _mm512_div_ps(_mm512_set1_ps(1.f), _mm512_add_ps(e, _mm512_set1_ps(1.f)));
}

void amx_gelu_forward(const bf16 *x, bf16 *y, long count) {
#pragma omp parallel for schedule(static)
  for (long i = 0; i < count; i += 16) {
    __m512 v = widen16(_mm256_loadu_si256((const void *)(x + i)));
    _mm256_storeu_si256((void *)(y + i), narrow16(_mm512_mul_ps(v, sigmoid_of(v, _mm512_mul_ps(v, v)))));
  }
}

void amx_gelu_backward(const bf16 *x, const bf16 *dy, bf16 *dx, long count) {
#pragma omp parallel for schedule(static)
  for (long i = 0; i < count; i += 16) {
    __m512 v = widen16(_mm256_loadu_si256((const void *)(x + i))), square = _mm512_mul_ps(v, v), s = sigmoid_of(v, square);
    __m512 slope = _mm512_fmadd_ps(square, _mm512_set1_ps(3 * 0.044715f), _mm512_set1_ps(1.f));
    slope = _mm512_mul_ps(_mm512_mul_ps(slope, v), _mm512_set1_ps(2.f * 0.79788456f));
    slope = _mm512_fmadd_ps(_mm512_mul_ps(s, _mm512_sub_ps(_mm512_set1_ps(1.f), s)), slope, s);
    _mm256_storeu_si256((void *)(dx + i), narrow16(_mm512_mul_ps(slope, widen16(_mm256_loadu_si256((const void *)(dy + i))))));
  }
}

// Causal attention over queries, keys and values that lie side by side, [batch·length, 3, heads, size].

// logs: for each query, the base-2 logarithm of the sum of its e^score.
void amx_attention_forward(const bf16 *projected, bf16 *mixed, float *logs, long batch, long length, long heads, long size) {
  long width = heads * size, ld = 3 * width;
  float scale = log2_e / sqrtf(size);
#pragma omp parallel
  {
    configure();
    bf16 *queries = room(length * size * 2), *values = room(apart(length) * size * 2), *shares = room(length * BLOCK * 2);
    float *scores = room(length * BLOCK * 4), *sum = room(size * BLOCK * 4), scales[BLOCK];
#pragma omp for schedule(dynamic)
    for (long bh = 0; bh < batch * heads; bh++) {
      const bf16 *query = projected + bh / heads * length * ld + bh % heads * size, *key = query + width, *value = key + width;
      pack_transposed(query, ld, 0, length, size, queries);
      transpose(value, ld, 0, length, size, values, apart(length));
      for (long q = 0; q < length; q += BLOCK) {
        long seen = q + BLOCK;
        for (long k = 0; k < seen; k += BLOCK) product(key + k * ld, ld, queries + q * size, size / BLOCK, scores + k * BLOCK, BLOCK, 0);
        for (int k = 1; k < BLOCK; k++) {
          for (int i = 0; i < k; i++) scores[(q + k) * BLOCK + i] = -1e30f;
        }
        for (int half = 0; half < BLOCK; half += 16) {
          __m512 most = _mm512_set1_ps(-1e30f), total = _mm512_setzero_ps(), factor = _mm512_set1_ps(scale);
          for (long k = 0; k < seen; k++) most = _mm512_max_ps(most, _mm512_load_ps(scores + k * BLOCK + half));
          most = _mm512_mul_ps(most, factor);
          for (long k = 0; k < seen; k += 2) {
            __m512 first = exponential2(_mm512_fmsub_ps(_mm512_load_ps(scores + k * BLOCK + half), factor, most));
            __m512 second = exponential2(_mm512_fmsub_ps(_mm512_load_ps(scores + (k + 1) * BLOCK + half), factor, most));
            total = _mm512_add_ps(total, _mm512_add_ps(first, second));
            _mm512_store_si512(shares + k / BLOCK * PAIR + half * 32 + k % BLOCK * 16, interleave16(first, second));
          }
          _mm512_storeu_ps(scales + half, _mm512_div_ps(_mm512_set1_ps(1.f), total));
          float *log = logs + bh * length + q + half, sums[16], greatest[16];
          _mm512_storeu_ps(sums, total), _mm512_storeu_ps(greatest, most);
          for (int i = 0; i < 16; i++) log[i] = greatest[i] + log2f(sums[i]);
        }
        for (long d = 0; d < size; d += BLOCK) product(values + d * apart(length), apart(length), shares, seen / BLOCK, sum + d * BLOCK, BLOCK, 0);
        narrow_transposed(sum, BLOCK, size, BLOCK, scales, mixed + (bh / heads * length + q) * width + bh % heads * size, width);
      }
    }
    free(queries), free(values), free(shares), free(scores), free(sum);
    _tile_release();
  }
}

void amx_attention_backward(const bf16 *projected, const bf16 *mixed, const bf16 *dmixed, const float *logs, bf16 *dprojected, long batch,
                            long length, long heads, long size) {
  enum { KEYS = 128 };
  long width = heads * size, ld = 3 * width, far = apart(length), all = far * size * 2;
  float scale = log2_e / sqrtf(size);
#pragma omp parallel
  {
    configure();
    bf16 *across = room(all), *dacross = room(all), *queries = room(all), *dmixes = room(all), *keys = room(all);
    bf16 *shares = room(KEYS * far * 2), *dscores = room(KEYS * far * 2), *panel = room(KEYS * BLOCK * 2);
    float *dquery = room(all * 2), *offset = room(length * 4), *ones = room(length * 4);
    float score[BLOCK * BLOCK] __attribute__((aligned(64))), dshare[BLOCK * BLOCK] __attribute__((aligned(64)));
    for (long q = 0; q < length; q++) ones[q] = 1;
#pragma omp for schedule(dynamic)
    for (long bh = 0; bh < batch * heads; bh++) {
      long first = bh / heads * length;
      const bf16 *query = projected + first * ld + bh % heads * size, *key = query + width, *value = key + width;
      const bf16 *mix = mixed + first * width + bh % heads * size, *dmix = dmixed + first * width + bh % heads * size;
      bf16 *dq = dprojected + first * ld + bh % heads * size, *dk = dq + width, *dv = dk + width;
      const float *log = logs + bh * length;
      pack_transposed(query, ld, 0, length, size, across);
      pack_transposed(dmix, width, 0, length, size, dacross);
      pack(query, ld, 0, length, size, queries);
      pack(dmix, width, 0, length, size, dmixes);
      transpose(key, ld, 0, length, size, keys, far);
      for (long q = 0; q < length; q++) {
        __m512 sum = _mm512_setzero_ps();
        for (long d = 0; d < size; d += 16) {
          sum = _mm512_fmadd_ps(widen16(_mm256_loadu_si256((const void *)(mix + q * width + d))),
                                widen16(_mm256_loadu_si256((const void *)(dmix + q * width + d))), sum);
        }
        offset[q] = _mm512_reduce_add_ps(sum);
      }
      memset(dquery, 0, all * 2);
      for (long k0 = 0; k0 < length; k0 += KEYS) {
        long here = length - k0 < KEYS ? length - k0 : KEYS;
        for (long q = k0; q < length; q += BLOCK) {
          for (long k = 0; k < here; k += BLOCK) {
            bf16 *p = shares + k * far + q, *ds = dscores + k * far + q, *pair = panel + k / BLOCK * PAIR;
            if (k0 + k > q) {
              for (int i = 0; i < BLOCK; i++) memset(p + i * far, 0, BLOCK * 2), memset(ds + i * far, 0, BLOCK * 2);
              memset(pair, 0, PAIR * 2);
              continue;
            }
            product(key + (k0 + k) * ld, ld, across + q * size, size / BLOCK, score, BLOCK, 0);
            product(value + (k0 + k) * ld, ld, dacross + q * size, size / BLOCK, dshare, BLOCK, 0);
            if (k0 + k == q) {
              for (int j = 1; j < BLOCK; j++) {
                for (int i = 0; i < j; i++) score[j * BLOCK + i] = -1e30f;
              }
            }
            for (int half = 0; half < BLOCK; half += 16) {
              __m512 factor = _mm512_set1_ps(scale), less = _mm512_loadu_ps(log + q + half), of = _mm512_loadu_ps(offset + q + half);
              __m512 back = _mm512_set1_ps(scale / log2_e);
              for (int j = 0; j < BLOCK; j += 2) {
                __m512 e[2], g[2];
                for (int two = 0; two < 2; two++) {
                  long at = (j + two) * BLOCK + half;
                  e[two] = exponential2(_mm512_fmsub_ps(_mm512_load_ps(score + at), factor, less));
                  g[two] = _mm512_mul_ps(_mm512_mul_ps(e[two], back), _mm512_sub_ps(_mm512_load_ps(dshare + at), of));
                  _mm256_storeu_si256((void *)(p + (j + two) * far + half), narrow16(e[two]));
                  _mm256_storeu_si256((void *)(ds + (j + two) * far + half), narrow16(g[two]));
                }
                _mm512_store_si512(pair + half * 32 + j * 16, interleave16(g[0], g[1]));
              }
            }
          }
          for (long d = 0; d < size; d += BLOCK) product(keys + d * far + k0, far, panel, here / BLOCK, dquery + d * far + q, far, 1);
        }
        for (long k = 0; k < here; k += BLOCK) {
          for (long d = 0; d < size; d += BLOCK) {
            long steps = (length - k0) / BLOCK, from = d * length + k0 / BLOCK * PAIR;
            product(shares + k * far + k0, far, dmixes + from, steps, score, BLOCK, 0);
            narrow_block(score, NULL, dv + (k0 + k) * ld + d, ld);
            product(dscores + k * far + k0, far, queries + from, steps, score, BLOCK, 0);
            narrow_block(score, NULL, dk + (k0 + k) * ld + d, ld);
          }
        }
      }
      narrow_transposed(dquery, far, size, length, ones, dq, ld);
    }
    free(across), free(dacross), free(queries), free(dmixes), free(keys), free(shares), free(dscores), free(panel);
    free(dquery), free(offset), free(ones);
    _tile_release();
  }
}

// The head: the losses of the targets [rows] (below 0: none) for the logits hidden [rows, width] · embeddingᵀ [vocabulary, width], and the
// gradients of their sum times `scale`; that of the embedding is added to what is there. Without a place for them no gradients.
//
// All e^logit are taken relative to the target's, whose own is then 1: their sum is e^loss.
void amx_head(const bf16 *hidden, const float *embedding, const int64_t *targets, float *losses, bf16 *dhidden, float *dembedding, long rows,
              long vocabulary, long width, float scale) {
  enum { ROWS = 1024, TOKENS = 256 };
  long padded = (vocabulary + TOKENS - 1) / TOKENS * TOKENS, far = apart(padded), deep = width / BLOCK;
  bf16 *down = room(padded * width * 2), *across = room(far * width * 2);
#pragma omp parallel for schedule(static)
  for (long token = 0; token < padded; token++) {
    bf16 *to = down + token * width;
    if (token >= vocabulary) memset(to, 0, width * 2);
    else for (long d = 0; d < width; d += BLOCK) _mm512_storeu_si512(to + d, load32(embedding, token * width + d, 1));
  }
#pragma omp parallel for schedule(static)
  for (long token = 0; token < padded; token += TOKENS) transpose(down + token * width, width, 0, TOKENS, width, across + token, far);
#pragma omp parallel
  {
    configure();
    bf16 *positions = room(ROWS * width * 2), *scaled = room(ROWS * width * 2), *shares = room(padded * ROWS * 2);
    bf16 *narrow = room(ROWS * width * 2), *chunk = room(TOKENS * apart(ROWS) * 2);
    float *dpositions = room(apart(ROWS) * width * 4), wanted[ROWS], sums[ROWS], factors[ROWS];
    float logits[BLOCK * BLOCK] __attribute__((aligned(64)));
#pragma omp for schedule(dynamic)
    for (long start = 0; start < rows; start += ROWS) {
      long here = rows - start < ROWS ? rows - start : ROWS, tall = here / BLOCK, ld = apart(here);
      const bf16 *h = hidden + start * width;
      for (long r = 0; r < here; r++) {
        __m512 sum = _mm512_setzero_ps();
        const bf16 *target = down + (targets[start + r] < 0 ? 0 : targets[start + r]) * width;
        for (long d = 0; d < width; d += 16) {
          sum = _mm512_fmadd_ps(widen16(_mm256_loadu_si256((const void *)(h + r * width + d))),
                                widen16(_mm256_loadu_si256((const void *)(target + d))), sum);
        }
        wanted[r] = _mm512_reduce_add_ps(sum) * log2_e;
        sums[r] = 0;
      }
      pack_transposed(h, width, 0, here, width, positions);
      // shares: for each chunk of tokens, packed [TOKENS, here].
      for (long token = 0; token < padded; token += BLOCK) {
        bf16 *to = shares + token / TOKENS * TOKENS * here + token % TOKENS / BLOCK * PAIR;
        long last = vocabulary - token < BLOCK ? vocabulary - token : BLOCK;
        for (long r = 0; r < here; r += BLOCK, to += TOKENS * BLOCK) {
          if (last <= 0) {
            memset(to, 0, PAIR * 2);
            continue;
          }
          product(down + token * width, width, positions + r * width, deep, logits, BLOCK, 0);
          for (long i = last * BLOCK; i < BLOCK * BLOCK; i++) logits[i] = -1e30f;
          for (int half = 0; half < BLOCK; half += 16) {
            __m512 less = _mm512_loadu_ps(wanted + r + half), total = _mm512_loadu_ps(sums + r + half), factor = _mm512_set1_ps(log2_e);
            for (int j = 0; j < BLOCK; j += 2) {
              __m512 first = exponential2(_mm512_fmsub_ps(_mm512_load_ps(logits + j * BLOCK + half), factor, less));
              __m512 second = exponential2(_mm512_fmsub_ps(_mm512_load_ps(logits + (j + 1) * BLOCK + half), factor, less));
              total = _mm512_add_ps(total, _mm512_add_ps(first, second));
              _mm512_store_si512(to + half * 32 + j * 16, interleave16(first, second));
            }
            _mm512_storeu_ps(sums + r + half, total);
          }
        }
      }
      for (long r = 0; r < here; r++) {
        long target = targets[start + r];
        losses[start + r] = target < 0 ? 0 : logf(sums[r]);
        factors[r] = target < 0 ? 0 : scale / sums[r];
        if (target >= 0) {
          bf16 *panel = shares + target / TOKENS * TOKENS * here + r / BLOCK * TOKENS * BLOCK;
          long row = target % TOKENS, column = r % BLOCK;
          __m256i value = narrow16(_mm512_set1_ps(1.f - sums[r]));
          panel[row / BLOCK * PAIR + column / 16 * (PAIR / 2) + row % BLOCK / 2 * 32 + column % 16 * 2 + row % 2] = _mm256_extract_epi16(value, 0);
        }
        __m512 factor = _mm512_set1_ps(factors[r]);
        for (long d = 0; d < width; d += 16) {
          __m512 times = _mm512_mul_ps(widen16(_mm256_loadu_si256((const void *)(h + r * width + d))), factor);
          _mm256_storeu_si256((void *)(narrow + r * width + d), narrow16(times));
        }
      }
      if (!dembedding) continue;
      pack(narrow, width, 0, here, width, scaled);
      for (long token = 0; token < padded; token += TOKENS) {
        const bf16 *from = shares + token * here;
        for (long r = 0; r < here; r += BLOCK) {
          for (long d = 0; d < width; d += BLOCK) {
            product(across + d * far + token, far, from + r * TOKENS, TOKENS / BLOCK, dpositions + d * ld + r, ld, token > 0);
          }
          for (long t = 0; t < TOKENS; t += 2) {
            const bf16 *pair = from + r * TOKENS + t / BLOCK * PAIR + t % BLOCK * 16;
            __m512i low = _mm512_load_si512(pair), high = _mm512_load_si512(pair + PAIR / 2);
            __m512i even = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(low)), _mm512_cvtepi32_epi16(high), 1);
            low = _mm512_srli_epi32(low, 16), high = _mm512_srli_epi32(high, 16);
            __m512i odd = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(low)), _mm512_cvtepi32_epi16(high), 1);
            _mm512_storeu_si512(chunk + t * ld + r, even);
            _mm512_storeu_si512(chunk + (t + 1) * ld + r, odd);
          }
        }
#pragma omp critical
        for (long t = 0; t < TOKENS && token + t < vocabulary; t += BLOCK) {
          long last = vocabulary - token - t;
          for (long d = 0; d < width; d += BLOCK) {
            float *to = dembedding + (token + t) * width + d;
            if (last >= BLOCK) {
              product(chunk + t * ld, ld, scaled + d * here, tall, to, width, 1);
              continue;
            }
            product(chunk + t * ld, ld, scaled + d * here, tall, logits, BLOCK, 0);
            for (long j = 0; j < last; j++) {
              for (int i = 0; i < BLOCK; i++) to[j * width + i] += logits[j * BLOCK + i];
            }
          }
        }
      }
      narrow_transposed(dpositions, ld, width, here, factors, dhidden + start * width, width);
    }
    free(positions), free(scaled), free(shares), free(narrow), free(chunk), free(dpositions);
    _tile_release();
  }
  free(down), free(across);
}
