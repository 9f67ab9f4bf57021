// Elementary functions from IEEE operations alone (+, −, ×, ÷, sqrt, fma, comparisons): the same bits on every CPU.
// The C library's versions are not used on the bit-identical path, because it picks variants by CPU.
// Thread rule: pure functions.
#pragma once

#include <cstdint>

namespace fulmar {

double sine(double radians);                                ///< |error| < 2 ulp for |radians| ≤ 1e6
double cosine(double radians);                              ///< |error| < 2 ulp for |radians| ≤ 1e6
double integer_power(double base, std::uint64_t exponent);  ///< by repeated squaring, in a fixed order

}  // namespace fulmar
