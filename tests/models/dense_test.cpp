#include "models/kernels/dense.hpp"

#include <array>
#include <cmath>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "models/kernels/dense_tiles.hpp"
#include "models/kernels/vector.hpp"
#include "tests/models/bits.hpp"
#include "tests/models/naive_network.hpp"

namespace fulmar::models::kernels {
namespace {

using naive::random_floats;

constexpr std::size_t kSamples = 3;
const std::array<DenseShape, 6> kShapes{{{1, 1}, {15, 3}, {16, 4}, {17, 5}, {67, 9}, {200, 6}}};

struct Case {
  explicit Case(const DenseShape& of)
      : shape(of),
        weights(random_floats(1, of.inputs * of.outputs)),
        bias(random_floats(2, of.outputs)),
        x(random_floats(3, kSamples * of.inputs)),
        slope(random_floats(4, kSamples * of.outputs)) {}

  std::vector<float> forward(std::size_t samples) const {
    std::vector<float> y(samples * shape.outputs);
    dense(shape, weights.data(), bias.data(), samples, x.data(), y.data());
    return y;
  }

  DenseShape shape;
  std::vector<float> weights, bias, x, slope;
};

BOOST_AUTO_TEST_SUITE(dense_map)

// DENSE-1
BOOST_AUTO_TEST_CASE(an_output_is_sixteen_lanes_a_tree_and_the_bias) {
  for (const DenseShape& shape : kShapes) {
    const Case c(shape);
    std::vector<float> expected;
    for (std::size_t s = 0; s < kSamples; ++s) {
      for (std::size_t o = 0; o < shape.outputs; ++o) {
        std::array<float, 16> lanes{};
        for (std::size_t i = 0; i < shape.inputs; ++i) {
          lanes[i % 16] = std::fma(c.weights[o * shape.inputs + i], c.x[s * shape.inputs + i], lanes[i % 16]);
        }
        for (std::size_t half = 8; half > 0; half /= 2) {
          for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
        }
        expected.push_back(lanes[0] + c.bias[o]);
      }
    }
    BOOST_CHECK(same_bits(c.forward(kSamples), expected));
  }
}

// 200 terms below 1 in float: 16 chains of 13 and a tree err by less than 30 · 200 · 2⁻²⁵ < 2e-4, typically 1e-6.
BOOST_AUTO_TEST_CASE(an_output_is_the_dot_product) {
  for (const DenseShape& shape : kShapes) {
    const Case c(shape);
    const std::vector<float> found = c.forward(kSamples);
    for (std::size_t s = 0; s < kSamples; ++s) {
      for (std::size_t o = 0; o < shape.outputs; ++o) {
        double expected = static_cast<double>(c.bias[o]);
        for (std::size_t i = 0; i < shape.inputs; ++i) {
          expected +=
              static_cast<double>(c.weights[o * shape.inputs + i]) * static_cast<double>(c.x[s * shape.inputs + i]);
        }
        BOOST_CHECK_SMALL(static_cast<double>(found[s * shape.outputs + o]) - expected, 1e-5);
      }
    }
  }
}

// DENSE-2: d(Σ slope·y)/dW is linear, so its definition is its truth.
BOOST_AUTO_TEST_CASE(the_gradient_is_a_chain_over_the_samples) {
  for (const DenseShape& shape : kShapes) {
    const Case c(shape);
    std::vector<float> weights(c.weights.size());
    std::vector<float> bias(shape.outputs);
    dense_gradient(shape, kSamples, c.x.data(), c.slope.data(), weights.data(), bias.data());
    for (std::size_t o = 0; o < shape.outputs; ++o) {
      float bias_sum = 0;
      for (std::size_t s = 0; s < kSamples; ++s) bias_sum += c.slope[s * shape.outputs + o];
      BOOST_CHECK_EQUAL(bias[o], bias_sum);
      for (std::size_t i = 0; i < shape.inputs; ++i) {
        float sum = 0;
        for (std::size_t s = 0; s < kSamples; ++s) {
          sum = std::fma(c.slope[s * shape.outputs + o], c.x[s * shape.inputs + i], sum);
        }
        BOOST_CHECK_EQUAL(weights[o * shape.inputs + i], sum);
      }
    }
  }
}

template <class Vector>
void check_against_vector(const DenseShape& shape) {
  const Case c(shape);
  std::vector<float> y(kSamples * shape.outputs);
  dense_rows<Vector>(shape, c.weights.data(), c.bias.data(), kSamples, c.x.data(), y.data());
  BOOST_CHECK(same_bits(c.forward(kSamples), y));
  std::vector<float> native(shape.inputs);
  std::vector<float> other(shape.inputs);
  weight_gradient_row<NativeVector>(shape.inputs, kSamples, c.x.data(), c.slope.data(), shape.outputs, native.data());
  weight_gradient_row<Vector>(shape.inputs, kSamples, c.x.data(), c.slope.data(), shape.outputs, other.data());
  BOOST_CHECK(same_bits(native, other));
}

// DENSE-3
BOOST_AUTO_TEST_CASE(every_vector_width_gives_the_same_bits) {
  for (const DenseShape& shape : kShapes) {
    check_against_vector<PortableVector<4>>(shape);
    check_against_vector<PortableVector<8>>(shape);
    check_against_vector<PortableVector<16>>(shape);
  }
}

// DENSE-3: also for one sample alone, where libraries take another path.
BOOST_AUTO_TEST_CASE(a_sample_has_the_same_bits_alone_and_in_company) {
  const Case c(kShapes[4]);
  const std::vector<float> alone = c.forward(1);
  const std::vector<float> together = c.forward(kSamples);
  BOOST_CHECK(same_bits(alone, std::span(together).first(alone.size())));
}

// DENSE-3
BOOST_AUTO_TEST_CASE(alignment_changes_no_bit) {
  const Case c(kShapes[4]);
  const std::vector<float> expected = c.forward(kSamples);
  for (std::size_t shift = 0; shift < 16; ++shift) {
    std::vector<float> weights(shift);
    std::vector<float> x(15 - shift);
    weights.insert(weights.end(), c.weights.begin(), c.weights.end());
    x.insert(x.end(), c.x.begin(), c.x.end());
    std::vector<float> y(shift + expected.size());
    dense(c.shape, weights.data() + shift, c.bias.data(), kSamples, x.data() + 15 - shift, y.data() + shift);
    BOOST_CHECK(same_bits(std::span(y).subspan(shift), expected));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::models::kernels
