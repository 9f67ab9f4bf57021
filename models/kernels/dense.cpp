#include "models/kernels/dense.hpp"

#include "models/kernels/dense_tiles.hpp"
#include "models/kernels/vector.hpp"

namespace fulmar::models::kernels {

void dense(const DenseShape& shape, const float* weights, const float* bias, std::size_t samples, const float* x,
           float* y) {
  dense_rows<NativeVector>(shape, weights, bias, samples, x, y);
}

void dense_gradient(const DenseShape& shape, std::size_t samples, const float* x, const float* derivative,
                    float* weight_gradient, float* bias_gradient) {
  for (std::size_t output = 0; output < shape.outputs; ++output) {
    weight_gradient_row<NativeVector>(shape.inputs, samples, x, derivative + output, shape.outputs,
                                      weight_gradient + output * shape.inputs);
    float sum = 0.0F;
    for (std::size_t sample = 0; sample < samples; ++sample) sum += derivative[sample * shape.outputs + output];
    bias_gradient[output] = sum;
  }
}

}  // namespace fulmar::models::kernels
