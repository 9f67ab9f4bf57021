#include "models/kernels/activation.hpp"

namespace fulmar::models::kernels {

void activate(Activation activation, float* values, std::size_t count) {
  switch (activation) {
    case Activation::relu:
      for (std::size_t i = 0; i < count; ++i) values[i] = relu(values[i]);
      break;
    case Activation::elu:
      for (std::size_t i = 0; i < count; ++i) values[i] = elu(values[i]);
      break;
    case Activation::tanh:
      for (std::size_t i = 0; i < count; ++i) values[i] = hyperbolic_tangent(values[i]);
      break;
  }
}

void activation_derivative(Activation activation, const float* activated, const float* derivative, std::size_t count,
                           float* out) {
  switch (activation) {
    case Activation::relu:
      for (std::size_t i = 0; i < count; ++i) out[i] = activated[i] <= 0.0F ? 0.0F : derivative[i];
      break;
    case Activation::elu:  // exp(x) = elu(x) + 1 where x ≤ 0
      for (std::size_t i = 0; i < count; ++i) {
        const float negative = activated[i] > 0.0F ? 0.0F : activated[i];
        out[i] = derivative[i] * (negative + 1.0F);
      }
      break;
    case Activation::tanh:
      for (std::size_t i = 0; i < count; ++i) {
        out[i] = derivative[i] * __builtin_fmaf(-activated[i], activated[i], 1.0F);
      }
      break;
  }
}

}  // namespace fulmar::models::kernels
