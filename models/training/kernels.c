// The element-wise work of a training step on a CPU, in bfloat16: what PyTorch 1.13 takes longer for than for the matrix products.
// Every matrix is row-major. Rows are shared out among OpenMP's threads. Compiled by fused.py, which also says what each is for.
#include <math.h>
#include <omp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint16_t bf16;

static inline float widen(bf16 x) {
  union { uint32_t bits; float value; } u = {(uint32_t)x << 16};
  return u.value;
}

// Rounds to the nearest, to even on a tie.
static inline bf16 narrow(float x) {
  union { float value; uint32_t bits; } u = {x};
  return (bf16)((u.bits + 0x7FFF + ((u.bits >> 16) & 1)) >> 16);
}

// e^x as 2^n e^f with a Taylor polynomial for f in [-ln 2 / 2, ln 2 / 2]: vectorises, and is exact beyond bfloat16.
static inline float exponential(float x) {
  x = fminf(fmaxf(x, -87.f), 87.f);
  float n = floorf(x * 1.44269504f + 0.5f), f = x - n * 0.69314718f;
  float p = 1.f + f * (1.f + f * (0.5f + f * (0.16666667f + f * (0.041666668f + f * (0.008333334f + f * 0.0013888889f)))));
  union { int32_t bits; float value; } u = {((int32_t)n + 127) << 23};
  return u.value * p;
}

static inline float hyperbolic_tangent(float x) { return 1.f - 2.f / (exponential(2.f * x) + 1.f); }

static const float gelu_scale = 0.79788456f, gelu_cubic = 0.044715f;

// y = gelu(x), the tanh form.
void gelu_forward(const bf16 *x, bf16 *y, long count) {
#pragma omp parallel for simd schedule(static)
  for (long i = 0; i < count; i++) {
    float v = widen(x[i]);
    y[i] = narrow(0.5f * v * (1.f + hyperbolic_tangent(gelu_scale * (v + gelu_cubic * v * v * v))));
  }
}

void gelu_backward(const bf16 *x, const bf16 *dy, bf16 *dx, long count) {
#pragma omp parallel for simd schedule(static)
  for (long i = 0; i < count; i++) {
    float v = widen(x[i]), t = hyperbolic_tangent(gelu_scale * (v + gelu_cubic * v * v * v));
    float slope = 0.5f * (1.f + t) + 0.5f * v * (1.f - t * t) * gelu_scale * (1.f + 3.f * gelu_cubic * v * v);
    dx[i] = narrow(slope * widen(dy[i]));
  }
}

// Softmax in place over scores [batch, queries, keys]; query i sees the first seen + i + 1 keys, the others become 0.
void causal_softmax_forward(bf16 *scores, long batch, long queries, long keys, long seen, float scale) {
#pragma omp parallel for schedule(dynamic, 64)
  for (long row = 0; row < batch * queries; row++) {
    bf16 *p = scores + row * keys;
    long n = seen + row % queries + 1;
    float most = -1e30f, sum = 0, e[n];
#pragma omp simd reduction(max : most)
    for (long j = 0; j < n; j++) most = fmaxf(most, widen(p[j]));
#pragma omp simd reduction(+ : sum)
    for (long j = 0; j < n; j++) { e[j] = exponential((widen(p[j]) - most) * scale); sum += e[j]; }
    float share = 1.f / sum;
#pragma omp simd
    for (long j = 0; j < n; j++) p[j] = narrow(e[j] * share);
    memset(p + n, 0, (keys - n) * sizeof(bf16));
  }
}

// From the gradient of the probabilities to that of the scores, in place.
void causal_softmax_backward(const bf16 *probabilities, bf16 *gradient, long batch, long queries, long keys, long seen, float scale) {
#pragma omp parallel for schedule(dynamic, 64)
  for (long row = 0; row < batch * queries; row++) {
    const bf16 *p = probabilities + row * keys;
    bf16 *g = gradient + row * keys;
    long n = seen + row % queries + 1;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (long j = 0; j < n; j++) sum += widen(p[j]) * widen(g[j]);
#pragma omp simd
    for (long j = 0; j < n; j++) g[j] = narrow(widen(p[j]) * (widen(g[j]) - sum) * scale);
    memset(g + n, 0, (keys - n) * sizeof(bf16));
  }
}

// Cross entropy [rows] of logits [rows, vocabulary], which become their own gradient times `scale`. A target below 0 counts for nothing.
void cross_entropy(bf16 *logits, const int64_t *targets, float *losses, long rows, long vocabulary, float scale) {
#pragma omp parallel for schedule(static)
  for (long row = 0; row < rows; row++) {
    bf16 *l = logits + row * vocabulary;
    if (targets[row] < 0) {
      memset(l, 0, vocabulary * sizeof(bf16));
      losses[row] = 0;
      continue;
    }
    float most = -1e30f, sum = 0, wanted = widen(l[targets[row]]);
#pragma omp simd reduction(max : most)
    for (long j = 0; j < vocabulary; j++) most = fmaxf(most, widen(l[j]));
#pragma omp simd reduction(+ : sum)
    for (long j = 0; j < vocabulary; j++) sum += exponential(widen(l[j]) - most);
    losses[row] = logf(sum) + most - wanted;
    float share = scale / sum;
#pragma omp simd
    for (long j = 0; j < vocabulary; j++) l[j] = narrow(exponential(widen(l[j]) - most) * share);
    l[targets[row]] = narrow(exponential(wanted - most) * share - scale);
  }
}

// x [rows, width] in f32 -> y in bf16, with the mean and 1/deviation of each row for the way back.
void layer_norm_forward(const float *x, const float *weight, const float *bias, bf16 *y, float *means, float *scales, long rows, long width) {
#pragma omp parallel for schedule(static)
  for (long row = 0; row < rows; row++) {
    const float *in = x + row * width;
    bf16 *out = y + row * width;
    float mean = 0, variance = 0;
#pragma omp simd reduction(+ : mean)
    for (long j = 0; j < width; j++) mean += in[j];
    mean /= width;
#pragma omp simd reduction(+ : variance)
    for (long j = 0; j < width; j++) variance += (in[j] - mean) * (in[j] - mean);
    float scale = 1.f / sqrtf(variance / width + 1e-5f);
    means[row] = mean;
    scales[row] = scale;
#pragma omp simd
    for (long j = 0; j < width; j++) out[j] = narrow((in[j] - mean) * scale * weight[j] + bias[j]);
  }
}

// dweight and dbias are [threads, width], a row for each thread, to be added up.
void layer_norm_backward(const float *x, const float *weight, const bf16 *dy, const float *means, const float *scales, float *dx,
                         float *dweight, float *dbias, long rows, long width) {
#pragma omp parallel
  {
    float *dw = dweight + omp_get_thread_num() * width, *db = dbias + omp_get_thread_num() * width;
#pragma omp for schedule(static)
    for (long row = 0; row < rows; row++) {
      const float *in = x + row * width;
      const bf16 *g = dy + row * width;
      float *out = dx + row * width, mean = means[row], scale = scales[row], sum = 0, dot = 0;
#pragma omp simd reduction(+ : sum, dot)
      for (long j = 0; j < width; j++) {
        float weighted = widen(g[j]) * weight[j];
        sum += weighted;
        dot += weighted * (in[j] - mean) * scale;
      }
      sum /= width;
      dot /= width;
#pragma omp simd
      for (long j = 0; j < width; j++) {
        float normal = (in[j] - mean) * scale, gradient = widen(g[j]);
        out[j] = scale * (gradient * weight[j] - sum - normal * dot);
        dw[j] += gradient * normal;
        db[j] += gradient;
      }
    }
  }
}

// One AdamW step (Loshchilov & Hutter 2019) in place. c1 and c2 are the bias corrections 1 - beta^t.
void adamw(float *w, float *m, float *v, const float *gradient, long count, float rate, float beta1, float beta2, float c1, float c2,
           float epsilon, float decay) {
#pragma omp parallel for simd schedule(static)
  for (long i = 0; i < count; i++) {
    m[i] = beta1 * m[i] + (1.f - beta1) * gradient[i];
    v[i] = beta2 * v[i] + (1.f - beta2) * gradient[i] * gradient[i];
    w[i] -= rate * (m[i] / c1 / (sqrtf(v[i] / c2) + epsilon) + decay * w[i]);
  }
}
