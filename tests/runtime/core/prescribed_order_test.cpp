#include "runtime/core/prescribed_order.hpp"

#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "runtime/vocabulary/random.hpp"

namespace fulmar::core {
namespace {

// Versions 11 to 16, from bases 10, 10, 12, 11, 14, 14: nothing reaches across versions 10, 14 and 16.
const PrescribedOrder kOrder(10, {{10, 10}, {12, 10}, {11, 12}, {13, 11}, {15, 14}, {14, 14}});

BOOST_AUTO_TEST_SUITE(prescribed_order)

BOOST_AUTO_TEST_CASE(it_says_what_makes_each_of_its_versions) {  // REPLAY-1
  BOOST_TEST(kOrder.start() == 10U);
  BOOST_TEST(kOrder.end() == 16U);
  BOOST_TEST(!kOrder.makes(10));
  BOOST_TEST(kOrder.makes(11));
  BOOST_TEST(kOrder.makes(16));
  BOOST_TEST(!kOrder.makes(17));
  BOOST_TEST((kOrder.update_of(11) == PrescribedUpdate{10, 10}));
  BOOST_TEST((kOrder.update_of(14) == PrescribedUpdate{13, 11}));
  BOOST_TEST((kOrder.update_of(16) == PrescribedUpdate{14, 14}));
}

BOOST_AUTO_TEST_CASE(a_base_is_needed_until_the_last_version_that_is_made_from_it) {
  BOOST_TEST(kOrder.needs(10, 10));
  BOOST_TEST(kOrder.needs(10, 11));
  BOOST_TEST(!kOrder.needs(10, 12));
  BOOST_TEST(kOrder.needs(11, 13));
  BOOST_TEST(!kOrder.needs(11, 14));
  BOOST_TEST(!kOrder.needs(13, 13));
  BOOST_TEST(kOrder.needs(14, 15));
  BOOST_TEST(!kOrder.needs(16, 16));
  BOOST_TEST(!kOrder.needs(9, 0));
  BOOST_TEST(!kOrder.needs(17, 0));
}

BOOST_AUTO_TEST_CASE(a_version_is_clean_where_nothing_reaches_across_it) {
  for (Version version = 0; version < 20; ++version) {
    BOOST_TEST(kOrder.is_clean(version) == (version <= 10 || version == 14 || version >= 16), version);
  }
}

BOOST_AUTO_TEST_CASE(an_order_of_nothing_makes_and_needs_nothing) {
  const PrescribedOrder nothing;
  BOOST_TEST(nothing.end() == 0U);
  BOOST_TEST(!nothing.makes(1));
  BOOST_TEST(!nothing.needs(0, 0));
  BOOST_TEST(nothing.is_clean(0));
}

// Against the words of the header, taken literally.
BOOST_AUTO_TEST_CASE(any_order_needs_and_is_clean_as_its_words_say) {
  for (std::uint64_t trial = 0; trial < 50; ++trial) {
    const RandomStream random(9, Purpose::simulation, 0, trial);
    const Version start = trial % 3 * 7;
    std::vector<PrescribedUpdate> updates(30);
    for (std::size_t i = 0; i < updates.size(); ++i) {
      const auto back = static_cast<Version>(random.uniform(i) * 4);
      updates[i] = {start + i, std::max(start, start + i - std::min<Version>(i, back))};
    }
    const PrescribedOrder order(start, updates);
    for (Version version = start; version <= order.end(); ++version) {
      bool clean = true;
      for (Version base = start; base <= order.end(); ++base) {
        const bool needed = std::any_of(updates.begin() + static_cast<std::ptrdiff_t>(version - start), updates.end(),
                                        [&](const PrescribedUpdate& update) { return update.base == base; });
        BOOST_TEST(order.needs(base, version) == needed);
        if (needed && base < version) clean = false;
      }
      BOOST_TEST(order.is_clean(version) == clean);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
