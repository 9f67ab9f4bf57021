#include "models/kernels/convolution.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "models/kernels/convolution_tiles.hpp"
#include "models/kernels/vector.hpp"
#include "tests/models/bits.hpp"
#include "tests/models/naive_network.hpp"

namespace fulmar::models::kernels {
namespace {

using naive::Numbers;
using naive::random_floats;

// in, out, kernel, latitudes, longitudes: every remainder of the channel blocks, tap groups, column tiles and lanes.
const std::array<ConvolutionShape, 8> kShapes{{{1, 1, 1, 1, 1},
                                               {3, 5, 3, 4, 16},
                                               {2, 4, 3, 5, 17},
                                               {5, 7, 5, 6, 33},
                                               {4, 2, 7, 3, 10},
                                               {1, 3, 3, 1, 3},
                                               {6, 8, 3, 19, 48},
                                               {2, 6, 5, 2, 71}}};

/// One shape with random weights, input and dL/d(output), and what the kernels make of them.
struct Case {
  explicit Case(const ConvolutionShape& of)
      : shape(of),
        weights(random_floats(1, of.weights())),
        bias(random_floats(2, of.out_channels)),
        input(random_floats(3, of.in_channels * of.latitudes * of.longitudes)),
        slope(random_floats(4, of.out_channels * of.latitudes * of.longitudes)),
        packed(of.weights()),
        packed_derivative(of.weights()),
        in(of.input()),
        out(of.output()),
        out_derivative(of.output()),
        wrapped(of.output_derivative()),
        in_derivative(of.input_derivative()) {
    pack_weights(shape, weights.data(), packed.data());
    pack_weights_for_derivative(shape, weights.data(), packed_derivative.data());
    in.assign(input.data());
    in.wrap_longitudes();
    in.replicate_latitudes();
    out_derivative.assign(slope.data());
    wrapped.assign(slope.data());
    wrapped.wrap_longitudes();
  }

  naive::Convolution reference() const {
    return {shape.in_channels, shape.out_channels, shape.kernel, shape.latitudes, shape.longitudes};
  }

  /// Σ slope · output, whose derivatives the backward passes are to give.
  double objective(const Numbers& w, const Numbers& b, const Numbers& x) const {
    const Numbers output = reference().forward(w.data(), b.data(), x);
    double sum = 0;
    for (std::size_t i = 0; i < output.size(); ++i) sum += output[i] * static_cast<double>(slope[i]);
    return sum;
  }

  ConvolutionShape shape;
  std::vector<float> weights, bias, input, slope, packed, packed_derivative;
  Field in, out, out_derivative, wrapped, in_derivative;
};

std::vector<float> interior(const Field& field) {
  std::vector<float> values;
  for (std::size_t channel = 0; channel < field.layout().channels; ++channel) {
    for (std::size_t latitude = 0; latitude < field.layout().latitudes; ++latitude) {
      const float* row = field.row(channel, latitude);
      values.insert(values.end(), row, row + field.layout().longitudes);
    }
  }
  return values;
}

std::vector<float> weight_gradient(const Case& c) {
  std::vector<float> lanes(c.shape.weights() * kLanes);
  std::vector<float> gradient(c.shape.weights());
  add_weight_gradient(c.shape, c.in, c.out_derivative, lanes.data(), gradient.data());
  return gradient;
}

// A float chain of n terms below 1 errs by at most n²·2⁻²⁵; in practice by far less: n = 343 at most here.
constexpr double kTolerance = 2e-5;

void check_close(const std::vector<float>& found, const Numbers& expected) {
  BOOST_REQUIRE_EQUAL(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    BOOST_CHECK_SMALL(static_cast<double>(found[i]) - expected[i], kTolerance * (1 + std::fabs(expected[i])));
  }
}

BOOST_AUTO_TEST_SUITE(convolution)

BOOST_AUTO_TEST_CASE(forward_wraps_longitudes_and_replicates_latitudes) {
  for (const ConvolutionShape& shape : kShapes) {
    Case c(shape);
    convolve(shape, c.packed.data(), c.bias.data(), c.in, c.out);
    const Numbers weights = naive::to_double(c.weights);
    const Numbers bias = naive::to_double(c.bias);
    check_close(interior(c.out), c.reference().forward(weights.data(), bias.data(), naive::to_double(c.input)));
  }
}

// The objective is linear in each argument alone, so a central difference with any step is exact but for rounding.
constexpr double kStep = 0.5;

BOOST_AUTO_TEST_CASE(backward_data_is_the_central_difference) {
  for (const ConvolutionShape& shape : kShapes) {
    Case c(shape);
    convolve_derivative(shape, c.packed_derivative.data(), c.wrapped, c.in_derivative);
    const Numbers weights = naive::to_double(c.weights);
    const Numbers bias = naive::to_double(c.bias);
    const Numbers input = naive::to_double(c.input);
    const std::vector<float> found = interior(c.in_derivative);
    const std::size_t stride = 1 + input.size() / 40;
    for (std::size_t i = 0; i < input.size(); i += stride) {
      const double expected =
          naive::central_difference(input, i, kStep, [&](const Numbers& x) { return c.objective(weights, bias, x); });
      BOOST_CHECK_SMALL(static_cast<double>(found[i]) - expected, kTolerance * (1 + std::fabs(expected)));
    }
  }
}

BOOST_AUTO_TEST_CASE(backward_weights_is_the_central_difference) {
  for (const ConvolutionShape& shape : kShapes) {
    const Case c(shape);
    const std::vector<float> found = weight_gradient(c);
    const Numbers weights = naive::to_double(c.weights);
    const Numbers bias = naive::to_double(c.bias);
    const Numbers input = naive::to_double(c.input);
    const std::size_t stride = 1 + weights.size() / 40;
    for (std::size_t i = 0; i < weights.size(); i += stride) {
      const double expected =
          naive::central_difference(weights, i, kStep, [&](const Numbers& w) { return c.objective(w, bias, input); });
      BOOST_CHECK_SMALL(static_cast<double>(found[i]) - expected, kTolerance * (1 + std::fabs(expected)));
    }
  }
}

BOOST_AUTO_TEST_CASE(backward_bias_is_the_central_difference) {
  for (const ConvolutionShape& shape : kShapes) {
    const Case c(shape);
    std::vector<float> found(shape.out_channels, 0.0F);
    add_bias_gradient(c.out_derivative, found.data());
    const Numbers weights = naive::to_double(c.weights);
    const Numbers bias = naive::to_double(c.bias);
    const Numbers input = naive::to_double(c.input);
    for (std::size_t i = 0; i < bias.size(); ++i) {
      const double expected =
          naive::central_difference(bias, i, kStep, [&](const Numbers& b) { return c.objective(weights, b, input); });
      BOOST_CHECK_SMALL(static_cast<double>(found[i]) - expected, kTolerance * (1 + std::fabs(expected)));
    }
  }
}

// CONV-1
BOOST_AUTO_TEST_CASE(an_output_element_is_one_chain_of_fma) {
  for (const ConvolutionShape& shape : kShapes) {
    Case c(shape);
    convolve(shape, c.packed.data(), c.bias.data(), c.in, c.out);
    std::vector<float> expected;
    const naive::Convolution reference = c.reference();
    for (std::size_t o = 0; o < shape.out_channels; ++o) {
      for (std::size_t point = 0; point < reference.points(); ++point) {
        float sum = c.bias[o];
        for (std::size_t i = 0; i < shape.in_channels; ++i) {
          for (std::size_t tap = 0; tap < shape.kernel * shape.kernel; ++tap) {
            const std::size_t source = reference.source(point / shape.longitudes, point % shape.longitudes,
                                                        tap / shape.kernel, tap % shape.kernel);
            sum = std::fma(c.weights[(o * shape.in_channels + i) * shape.kernel * shape.kernel + tap],
                           c.input[i * reference.points() + source], sum);
          }
        }
        expected.push_back(sum);
      }
    }
    BOOST_CHECK(same_bits(interior(c.out), expected));
  }
}

// CONV-2
BOOST_AUTO_TEST_CASE(a_weight_gradient_is_sixteen_lanes_and_a_tree) {
  for (const ConvolutionShape& shape : kShapes) {
    const Case c(shape);
    const naive::Convolution reference = c.reference();
    std::vector<float> expected;
    for (std::size_t weight = 0; weight < shape.weights(); ++weight) {
      const std::size_t kx = weight % shape.kernel;
      const std::size_t ky = weight / shape.kernel % shape.kernel;
      const std::size_t i = weight / (shape.kernel * shape.kernel) % shape.in_channels;
      const std::size_t o = weight / (shape.kernel * shape.kernel * shape.in_channels);
      std::array<float, 16> lanes{};
      for (std::size_t y = 0; y < shape.latitudes; ++y) {
        for (std::size_t x = 0; x < (shape.longitudes + 15) / 16 * 16; ++x) {
          const bool real = x < shape.longitudes;
          const float factor = real ? c.slope[o * reference.points() + y * shape.longitudes + x] : 0.0F;
          const float value = real ? c.input[i * reference.points() + reference.source(y, x, ky, kx)] : 0.0F;
          lanes[x % 16] = std::fma(factor, value, lanes[x % 16]);
        }
      }
      for (std::size_t half = 8; half > 0; half /= 2) {
        for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
      }
      expected.push_back(0.0F + lanes[0]);
    }
    BOOST_CHECK(same_bits(weight_gradient(c), expected));
  }
}

template <class Vector>
void check_against_vector(const ConvolutionShape& shape) {
  Case native(shape);
  convolve(shape, native.packed.data(), native.bias.data(), native.in, native.out);
  std::vector<float> lanes(shape.weights() * kLanes);
  std::vector<float> gradient(shape.weights());
  add_weight_gradient(shape, native.in, native.out_derivative, lanes.data(), gradient.data());

  Case other(shape);
  convolve_rows<Vector>(shape.kernel, other.packed.data(), other.bias.data(), other.in, other.out);
  BOOST_CHECK(same_bits(interior(native.out), interior(other.out)));
  std::vector<float> other_lanes(lanes.size(), 0.0F);
  add_weight_lanes<Vector>(shape, other.in, other.out_derivative, other_lanes.data());
  BOOST_CHECK(same_bits(lanes, other_lanes));
  for (std::size_t channel = 0; channel < shape.out_channels; ++channel) {
    BOOST_CHECK_EQUAL(sum_channel<Vector>(other.out_derivative, channel),
                      sum_channel<NativeVector>(native.out_derivative, channel));
  }
}

// CONV-3
BOOST_AUTO_TEST_CASE(every_vector_width_gives_the_same_bits) {
  for (const ConvolutionShape& shape : kShapes) {
    check_against_vector<PortableVector<4>>(shape);
    check_against_vector<PortableVector<8>>(shape);
    check_against_vector<PortableVector<16>>(shape);
  }
}

BOOST_AUTO_TEST_CASE(gradients_are_added_to_what_is_there) {
  const Case c(kShapes[1]);
  std::vector<float> lanes(c.shape.weights() * kLanes);
  std::vector<float> twice(c.shape.weights());
  add_weight_gradient(c.shape, c.in, c.out_derivative, lanes.data(), twice.data());
  add_weight_gradient(c.shape, c.in, c.out_derivative, lanes.data(), twice.data());
  const std::vector<float> once = weight_gradient(c);
  for (std::size_t i = 0; i < once.size(); ++i) BOOST_CHECK_EQUAL(twice[i], 2.0F * once[i]);
}

// A NaN reaches exactly the outputs whose kernel covers it: nothing else reads across, not even the padding of a row.
BOOST_AUTO_TEST_CASE(a_nan_reaches_only_its_neighbours) {
  Case c({1, 1, 3, 6, 20});
  c.input[2 * 20 + 0] = std::numeric_limits<float>::quiet_NaN();
  c.in.assign(c.input.data());
  c.in.wrap_longitudes();
  c.in.replicate_latitudes();
  convolve(c.shape, c.packed.data(), c.bias.data(), c.in, c.out);
  for (std::size_t y = 0; y < 6; ++y) {
    for (std::size_t x = 0; x < 20; ++x) {
      const bool covered = y >= 1 && y <= 3 && (x <= 1 || x == 19);
      BOOST_CHECK_EQUAL(std::isnan(c.out.row(0, y)[x]), covered);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::models::kernels
