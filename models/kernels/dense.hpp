// A dense map y = W x + b of several samples, and its gradient. Memory-bound: each pass goes over W once for all
// samples.
//
// W is [outputs][inputs], x is [samples][inputs], y is [samples][outputs]; no alignment needed.
// Thread rule: pure functions of their arguments.
//
// DENSE-1: y[s][o] = (join_lanes of 16 lanes, lane l the chain of fma over inputs l, l+16, … from 0) + b[o].
// DENSE-2: dW[o][i] is the chain of fma over the samples in order, from 0; db[o] their sum in order, from 0.
// DENSE-3: the bits of a sample do not depend on how many others there are, nor on alignment or vector width.
#pragma once

#include <cstddef>

namespace fulmar::models::kernels {

struct DenseShape {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
};

void dense(const DenseShape& shape, const float* weights, const float* bias, std::size_t samples, const float* x,
           float* y);

/// Overwrites `weight_gradient` ([outputs][inputs]) and `bias_gradient` ([outputs]). `derivative`: dL/dy.
void dense_gradient(const DenseShape& shape, std::size_t samples, const float* x, const float* derivative,
                    float* weight_gradient, float* bias_gradient);

}  // namespace fulmar::models::kernels
