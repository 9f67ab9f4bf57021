// A small program for cpu_check_test.sh. Its static initialiser multiplies with AVX2 and FMA before main, as the
// initialisers of the real program may: without the check linked in, an older processor kills it with SIGILL.
#include <immintrin.h>
#include <stdio.h>

namespace {

__attribute__((target("avx2,fma"))) float product_before_main() {
  const volatile float three = 3.0F;
  const __m256 factors = _mm256_set1_ps(three);
  return _mm256_cvtss_f32(_mm256_fmadd_ps(factors, factors, factors));
}

const float product = product_before_main();

}  // namespace

int main() {
  printf("%g\n", static_cast<double>(product));
  return product == 12.0F ? 0 : 1;
}
