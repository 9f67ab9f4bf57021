// How fast the kernels are beside what one core can do at most, measured in the same program: GFLOP/s of fused
// multiply-adds, and gradient samples/s of task A2's network. --benchmark_filter=REGEX picks some.
#include <cstdint>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "models/arithmetic.hpp"
#include "models/kernels/activation.hpp"
#include "models/kernels/convolution.hpp"
#include "models/kernels/dense.hpp"
#include "models/kernels/vector.hpp"
#include "models/model.hpp"
#include "runtime/vocabulary/random.hpp"

namespace {

using namespace fulmar::models;
using namespace fulmar::models::kernels;

constexpr std::size_t kLatitudes = 72;
constexpr std::size_t kLongitudes = 144;

void count_flops(benchmark::State& state, double flops_per_iteration) {
  state.counters["GFLOP/s"] = benchmark::Counter(flops_per_iteration * static_cast<double>(state.iterations()) / 1e9,
                                                 benchmark::Counter::kIsRate);
}

void fill(float* values, std::size_t count, std::uint64_t seed) {
  const fulmar::RandomStream stream(seed, fulmar::Purpose::data_generation, 0, 0);
  for (std::size_t i = 0; i < count; ++i) values[i] = 2.0F * stream.uniform(i) - 1.0F;
}

/// Twelve independent chains: enough to hide the latency of fma, and nothing else to do.
void fma_peak(benchmark::State& state) {
  constexpr std::size_t kChains = 12;
  constexpr std::size_t kSteps = 4096;
  NativeVector sum[kChains];
  for (NativeVector& chain : sum) chain = NativeVector::broadcast(1.0F);
  const NativeVector factor = NativeVector::broadcast(0.999F);
  const NativeVector term = NativeVector::broadcast(0.001F);
  for (auto _ : state) {
    for (std::size_t step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
      for (std::size_t c = 0; c < kChains; ++c) sum[c] = NativeVector::fma(sum[c], factor, term);
    }
  }
  float kept[NativeVector::kWidth];
  for (const NativeVector& chain : sum) {
    chain.store(kept);
    benchmark::DoNotOptimize(kept);
  }
  count_flops(state, 2.0 * kChains * kSteps * NativeVector::kWidth);
}
BENCHMARK(fma_peak);

/// Arguments: input channels, output channels, kernel.
struct Convolution {
  explicit Convolution(const benchmark::State& state)
      : shape{static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
              static_cast<std::size_t>(state.range(2)), kLatitudes, kLongitudes},
        weights(shape.weights()),
        packed(shape.weights()),
        bias(shape.out_channels),
        gradient(shape.weights()),
        lanes(shape.weights() * kLanes),
        in(shape.input()),
        out(shape.output()),
        wrapped(shape.output_derivative()),
        in_derivative(shape.input_derivative()) {
    fill(weights.data(), weights.size(), 1);
    fill(in.data(), in.layout().size(), 2);
    fill(out.data(), out.layout().size(), 3);
    fill(wrapped.data(), wrapped.layout().size(), 4);
    pack_weights(shape, weights.data(), packed.data());
  }
  double flops(std::size_t rows) const { return 2.0 * static_cast<double>(shape.weights() * rows * shape.longitudes); }

  ConvolutionShape shape;
  AlignedBuffer weights, packed, bias, gradient, lanes;
  Field in, out, wrapped, in_derivative;
};

void convolution_forward(benchmark::State& state) {
  Convolution c(state);
  for (auto _ : state) convolve(c.shape, c.packed.data(), c.bias.data(), c.in, c.out);
  count_flops(state, c.flops(kLatitudes));
}

void convolution_backward_data(benchmark::State& state) {
  Convolution c(state);
  for (auto _ : state) convolve_derivative(c.shape, c.packed.data(), c.wrapped, c.in_derivative);
  count_flops(state, c.flops(kLatitudes));
}

void convolution_backward_weights(benchmark::State& state) {
  Convolution c(state);
  for (auto _ : state) add_weight_gradient(c.shape, c.in, c.out, c.lanes.data(), c.gradient.data());
  count_flops(state, c.flops(kLatitudes));
}

BENCHMARK(convolution_forward)->Args({24, 24, 3})->Args({14, 24, 3})->Args({24, 2, 3})->Args({64, 64, 5});
BENCHMARK(convolution_backward_data)->Args({24, 24, 3})->Args({24, 2, 3})->Args({64, 64, 5});
BENCHMARK(convolution_backward_weights)->Args({24, 24, 3})->Args({14, 24, 3})->Args({24, 2, 3})->Args({64, 64, 5});

void activation(benchmark::State& state) {
  AlignedBuffer values(24 * kLatitudes * kLongitudes);
  fill(values.data(), values.size(), 5);
  for (auto _ : state) {
    activate(static_cast<Activation>(state.range(0)), values.data(), values.size());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
}
BENCHMARK(activation)->ArgName("relu=0,elu=1,tanh=2")->DenseRange(0, 2);

/// A leaf of random numbers for `model`.
struct Leaf {
  Leaf(const Model& model, std::size_t samples)
      : input(samples * model.input_shape().size()),
        target(samples * model.output_shape().size()),
        area_weight(model.output_shape().latitudes, 1.0F),
        parameters(model.layout().size()),
        gradient(model.layout().size()) {
    fill(input.data(), input.size(), 6);
    fill(target.data(), target.size(), 7);
    for (std::size_t s = 0; s < samples; ++s) ids.push_back(s);
    model.initialize(1, {parameters.data(), parameters.size()});
  }
  Batch batch() const { return {input, target, {}, area_weight, ids}; }

  std::vector<float> input, target, area_weight;
  std::vector<std::uint64_t> ids;
  AlignedBuffer parameters, gradient;
};

void measure_gradient(benchmark::State& state, Model& model, std::size_t samples) {
  Leaf leaf(model, samples);
  std::uint64_t version = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(model.gradient({leaf.parameters.data(), leaf.parameters.size()}, leaf.batch(), 1,
                                            version++, {leaf.gradient.data(), leaf.gradient.size()}));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples));
}

/// CLIMATE's task A2: 14 → 24 → 24 → 2 channels, 8,690 parameters.
void a2_gradient(benchmark::State& state) {
  ModelSpec spec;
  spec.activation = static_cast<Activation>(state.range(0));
  spec.dropout = 0.1;
  const auto model = make_model(spec, {14, kLatitudes, kLongitudes}, {2, kLatitudes, kLongitudes}, 1);
  measure_gradient(state, **model, 1);
}
BENCHMARK(a2_gradient)->ArgName("relu=0,elu=1,tanh=2")->DenseRange(0, 2)->Unit(benchmark::kMillisecond);

/// STACK's `cnn`: five 5 × 5 convolutions, 2 → 64 → 64 → 64 → 64 → 2, ELU, 32 × 64.
void stack_cnn_gradient(benchmark::State& state) {
  const ModelSpec spec{"cnn", {64, 64, 64, 64}, 5, Activation::elu, 0.0};
  const auto model = make_model(spec, {2, 32, 64}, {2, 32, 64}, 8);
  measure_gradient(state, **model, 8);
}
BENCHMARK(stack_cnn_gradient)->Unit(benchmark::kMillisecond);

/// STACK's `wide`: 5120 → 5000, 25.6 million parameters.
void stack_wide_gradient(benchmark::State& state) {
  const auto model = make_model({.kind = "linear"}, {5120, 1, 1}, {5000, 1, 1}, 8);
  measure_gradient(state, **model, 8);
}
BENCHMARK(stack_wide_gradient)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
  prepare_compute_thread();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
