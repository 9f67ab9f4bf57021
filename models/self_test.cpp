#include "models/self_test.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "models/dropout.hpp"
#include "models/kernels/activation.hpp"
#include "models/kernels/convolution.hpp"
#include "models/kernels/dense.hpp"
#include "models/loss.hpp"
#include "models/model.hpp"
#include "runtime/vocabulary/random.hpp"

namespace fulmar::models {
namespace {

using Digests = std::map<std::string, std::uint64_t>;

constexpr std::uint64_t kSeed = 2026;

/// Odd on purpose: every kernel meets its full blocks and its remainders.
constexpr kernels::ConvolutionShape kConvolution{5, 7, 5, 9, 37};
constexpr kernels::DenseShape kDense{83, 7};
constexpr FieldShape kInput{5, 9, 37};
constexpr FieldShape kOutput{3, 9, 37};
constexpr std::size_t kSamples = 2;

std::uint64_t digest(const void* data, std::size_t bytes, std::uint64_t from = 0xcbf29ce484222325) {
  for (const unsigned char byte : std::span(static_cast<const unsigned char*>(data), bytes)) {
    from = (from ^ byte) * 0x100000001b3;
  }
  return from;
}

template <class Number>
std::uint64_t digest(const std::vector<Number>& values) {
  return digest(values.data(), values.size() * sizeof(Number));
}

std::uint64_t digest(const kernels::Field& field) {
  std::uint64_t result = digest(nullptr, 0);
  for (std::size_t channel = 0; channel < field.layout().channels; ++channel) {
    for (std::size_t latitude = 0; latitude < field.layout().latitudes; ++latitude) {
      result = digest(field.row(channel, latitude), field.layout().longitudes * sizeof(float), result);
    }
  }
  return result;
}

/// Uniform in [−1, 1), another sequence for every `which`.
std::vector<float> numbers(std::uint64_t which, std::size_t count) {
  const RandomStream stream(kSeed, Purpose::simulation, 0, which);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = 2.0F * stream.uniform(i) - 1.0F;
  return values;
}

void test_convolution(Digests& digests) {
  const auto& shape = kConvolution;
  const std::vector<float> weights = numbers(1, shape.weights());
  const std::vector<float> bias = numbers(2, shape.out_channels);
  std::vector<float> packed(shape.weights());
  kernels::Field in(shape.input());
  kernels::Field out(shape.output());
  in.assign(numbers(3, shape.in_channels * shape.latitudes * shape.longitudes).data());
  in.wrap_longitudes();
  in.replicate_latitudes();
  kernels::pack_weights(shape, weights.data(), packed.data());
  kernels::convolve(shape, packed.data(), bias.data(), in, out);
  digests["convolution.forward"] = digest(out);

  const std::vector<float> slope = numbers(4, shape.out_channels * shape.latitudes * shape.longitudes);
  kernels::Field wrapped(shape.output_derivative());
  kernels::Field in_derivative(shape.input_derivative());
  wrapped.assign(slope.data());
  wrapped.wrap_longitudes();
  kernels::pack_weights_for_derivative(shape, weights.data(), packed.data());
  kernels::convolve_derivative(shape, packed.data(), wrapped, in_derivative);
  digests["convolution.backward_data"] = digest(in_derivative);

  kernels::Field out_derivative(shape.output());
  out_derivative.assign(slope.data());
  std::vector<float> lanes(shape.weights() * kernels::kLanes);
  std::vector<float> gradient(shape.weights());
  kernels::add_weight_gradient(shape, in, out_derivative, lanes.data(), gradient.data());
  digests["convolution.backward_weights"] = digest(gradient);
  std::vector<float> bias_gradient(shape.out_channels);
  kernels::add_bias_gradient(out_derivative, bias_gradient.data());
  digests["convolution.backward_bias"] = digest(bias_gradient);
}

void test_dense(Digests& digests) {
  std::vector<float> y(kSamples * kDense.outputs);
  const std::vector<float> x = numbers(11, kSamples * kDense.inputs);
  kernels::dense(kDense, numbers(12, kDense.inputs * kDense.outputs).data(), numbers(13, kDense.outputs).data(),
                 kSamples, x.data(), y.data());
  digests["dense.forward"] = digest(y);
  std::vector<float> weight_gradient(kDense.inputs * kDense.outputs);
  std::vector<float> bias_gradient(kDense.outputs);
  kernels::dense_gradient(kDense, kSamples, x.data(), y.data(), weight_gradient.data(), bias_gradient.data());
  digests["dense.backward_weights"] = digest(weight_gradient);
  digests["dense.backward_bias"] = digest(bias_gradient);
}

void test_activations(Digests& digests) {
  for (const auto& [name, activation] :
       {std::pair{"relu", Activation::relu}, std::pair{"elu", Activation::elu}, std::pair{"tanh", Activation::tanh}}) {
    std::vector<float> values = numbers(21, 4099);
    for (float& value : values) value *= 12.0F;
    kernels::activate(activation, values.data(), values.size());
    digests[std::string("activation.") + name] = digest(values);
    std::vector<float> derivative = numbers(22, values.size());
    kernels::activation_derivative(activation, values.data(), derivative.data(), values.size(), derivative.data());
    digests[std::string("activation.") + name + ".derivative"] = digest(derivative);
  }
}

void test_dropout(Digests& digests) {
  const Dropout dropout(0.1);
  std::vector<std::uint16_t> decisions(5003);
  dropout.draw(RandomStream(kSeed, Purpose::dropout, 3, 5), 1, decisions);
  std::vector<float> values = numbers(31, decisions.size());
  dropout.apply(decisions, values.data(), values.data());
  digests["dropout"] = digest(values);
}

/// A leaf of which everything is fixed, for whole models and the loss.
struct Leaf {
  std::vector<float> input = numbers(41, kSamples* kInput.size());
  std::vector<float> target = numbers(42, kSamples* kOutput.size());
  std::vector<float> area_weight = std::vector<float>(kOutput.latitudes, 0.125F);
  std::vector<std::uint8_t> mask = std::vector<std::uint8_t>(kSamples * kOutput.size(), 1);
  std::vector<std::uint64_t> samples{7, 11};

  Leaf() {
    for (std::size_t i = 0; i < mask.size(); i += 5) mask[i] = 0;
  }
  Batch batch() const { return {input, target, mask, area_weight, samples}; }
};

void test_loss(Digests& digests) {
  const Leaf leaf;
  std::vector<float> derivative(kOutput.size());
  const LeafSums sums = area_weighted_squared_error(kOutput, leaf.input.data(), kOutput.longitudes, leaf.target.data(),
                                                    leaf.mask.data(), leaf.area_weight, derivative.data());
  digests["loss"] = digest(std::vector{sums.loss_sum, sums.weight_sum});
  digests["loss.derivative"] = digest(derivative);
}

void test_model(Digests& digests, const std::string& name, const ModelSpec& spec) {
  const auto model = make_model(spec, kInput, kOutput, kSamples);
  std::vector<float> parameters((*model)->layout().size());
  std::vector<float> gradient(parameters.size());
  (*model)->initialize(kSeed, parameters);
  digests[name + ".initial_weights"] = digest(parameters);
  const Leaf leaf;
  const LeafSums sums = (*model)->gradient(parameters, leaf.batch(), kSeed, 1, gradient);
  digests[name + ".gradient"] = digest(gradient);
  digests[name + ".loss"] = digest(std::vector{sums.loss_sum, sums.weight_sum});
}

}  // namespace

std::map<std::string, std::uint64_t> self_test() {
  Digests digests;
  test_convolution(digests);
  test_dense(digests);
  test_activations(digests);
  test_dropout(digests);
  test_loss(digests);
  test_model(digests, "cnn", {"cnn", {7, 6}, 3, Activation::elu, 0.25});
  test_model(digests, "linear", {.kind = "linear"});
  return digests;
}

}  // namespace fulmar::models
