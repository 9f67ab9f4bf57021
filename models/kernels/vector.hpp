// A few floats that one instruction works on, behind one small set of operations, so that a kernel is written once and
// compiled for every vector width.
// Thread rule: values.
//
// VECTOR-1: every operation is one IEEE operation per lane; a kernel written with them gives the same bits at any
// width.
#pragma once

#include <cstddef>

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#endif

namespace fulmar::models::kernels {

/// Plain C++ of any width: what machines without AVX2 run, and what the tests hold the others against.
template <std::size_t Width>
struct PortableVector {
  static constexpr std::size_t kWidth = Width;
  float lane[Width];

  static PortableVector broadcast(float value) {
    PortableVector result;
    for (float& lane : result.lane) lane = value;
    return result;
  }
  static PortableVector load(const float* from) {
    PortableVector result;
    for (std::size_t i = 0; i < Width; ++i) result.lane[i] = from[i];
    return result;
  }
  void store(float* to) const {
    for (std::size_t i = 0; i < Width; ++i) to[i] = lane[i];
  }
  /// a · b + c with one rounding.
  static PortableVector fma(PortableVector a, PortableVector b, PortableVector c) {
    for (std::size_t i = 0; i < Width; ++i) c.lane[i] = __builtin_fmaf(a.lane[i], b.lane[i], c.lane[i]);
    return c;
  }
  static PortableVector add(PortableVector a, PortableVector b) {
    for (std::size_t i = 0; i < Width; ++i) a.lane[i] += b.lane[i];
    return a;
  }
};

#if defined(__AVX2__) && defined(__FMA__)
struct AvxVector {
  static constexpr std::size_t kWidth = 8;
  __m256 lanes;

  static AvxVector broadcast(float value) { return {_mm256_set1_ps(value)}; }
  static AvxVector load(const float* from) { return {_mm256_loadu_ps(from)}; }
  void store(float* to) const { _mm256_storeu_ps(to, lanes); }
  static AvxVector fma(AvxVector a, AvxVector b, AvxVector c) { return {_mm256_fmadd_ps(a.lanes, b.lanes, c.lanes)}; }
  static AvxVector add(AvxVector a, AvxVector b) { return {_mm256_add_ps(a.lanes, b.lanes)}; }
};
using NativeVector = AvxVector;
#else
using NativeVector = PortableVector<8>;
#endif

}  // namespace fulmar::models::kernels
