#include "models/parameter_layout.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::models {
namespace {

BOOST_AUTO_TEST_SUITE(parameter_layout)

BOOST_AUTO_TEST_CASE(tensors_lie_at_multiples_of_sixteen_in_order) {
  ParameterLayout layout;
  layout.add("a", {3, 5});
  layout.add("b", {1});
  layout.add("c", {4, 4});
  layout.add("d", {2, 3, 3, 1});
  const auto tensors = layout.tensors();
  const std::vector<std::size_t> offsets{0, 16, 32, 48};
  const std::vector<std::size_t> sizes{15, 1, 16, 18};
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    BOOST_CHECK_EQUAL(tensors[t].offset, offsets[t]);
    BOOST_CHECK_EQUAL(tensors[t].size, sizes[t]);
  }
  BOOST_CHECK_EQUAL(layout.size(), 80U);
  BOOST_CHECK_EQUAL(layout.count(), 50U);
}

BOOST_AUTO_TEST_CASE(clearing_the_padding_touches_nothing_else) {
  ParameterLayout layout;
  layout.add("a", {15});
  layout.add("b", {16});
  layout.add("c", {17});
  std::vector<float> vector(layout.size(), 1.0F);
  layout.clear_padding(vector);
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const bool padding = i == 15 || i >= 32 + 17;
    BOOST_CHECK_EQUAL(vector[i], padding ? 0.0F : 1.0F);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::models
