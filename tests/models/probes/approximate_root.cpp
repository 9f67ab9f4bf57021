// Holds the instruction and the call that the two checks of the bit path look for, so that they are seen to find them.
#include <cmath>
#include <xmmintrin.h>

float approximate_root(const float* values) {
  return _mm_cvtss_f32(_mm_rsqrt_ps(_mm_loadu_ps(values)));
}

double library_exponential(double x) {
  return std::exp(x);
}
