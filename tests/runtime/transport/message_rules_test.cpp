#include "runtime/transport/message_rules.hpp"

#include <limits>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/transport/sample_datagrams.hpp"

namespace fulmar::transport {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kHuge = ~std::uint64_t{0};

/// 22 leaves an epoch: rounds of 8, 8 and 6. Versions 3, 6, 9, … are validated, on 5 leaves. Of a node that was sent
/// version 9 and leased unit 11, its fourth lease.
const MessageBounds kBounds{{1, 22 * 4, 5 * 4, 4, 8}, 2, 3, 9, 11, 4};

bool passes(const core::SessionMessage& message, const MessageBounds& bounds = kBounds) {
  return !reason_to_refuse(message, bounds).has_value();
}

core::SlotFailed failed_at(core::LeafId leaf) {
  return {kSampleSession, 0, true, leaf, "cause"};
}
core::BlockPushed pushed(core::Version base, core::Block block, double weight = 1) {
  return {kSampleSession, base, block, 1, true, 1, weight, 0, base};
}
/// Of a leased unit.
core::BlockPushed attempted(core::LeaseNumber lease, core::Unit unit, core::Version base, core::Block block) {
  return {kSampleSession, base, block, 1, true, 1, 1, lease, unit};
}
core::BlockValidated validated(core::Version version, core::Block block, std::size_t losses, double weight = 1) {
  return {kSampleSession, version, block, std::vector<core::LeafLoss>(losses, {0.5, weight})};
}

BOOST_AUTO_TEST_SUITE(message_rules)

BOOST_AUTO_TEST_CASE(a_speed_is_a_number_that_can_be_reckoned_with) {
  for (const double speed : {0.0, 1e-6, 12.5, 1e6}) BOOST_TEST(passes(core::Beat{kSampleSession, {}, speed}));
  for (const double speed : {-1.0, kNan, kInfinity, -kInfinity, 1e-300, 1e300}) {
    BOOST_TEST(!passes(core::Beat{kSampleSession, {}, speed}), speed);
  }
}

BOOST_AUTO_TEST_CASE(a_node_speaks_of_no_version_that_it_was_not_sent) {
  BOOST_TEST(passes(core::Beat{kSampleSession, {}, 0, {12.5, 1e9}}));
  for (const double figure :
       {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    BOOST_TEST(!passes(core::Beat{kSampleSession, {}, 0, {figure, 0}}), figure);
    BOOST_TEST(!passes(core::Beat{kSampleSession, {}, 0, {0, figure}}), figure);
  }
  BOOST_TEST(passes(core::Beat{kSampleSession, 9, 0}));
  BOOST_TEST(!passes(core::Beat{kSampleSession, 10, 0}));
  BOOST_TEST(passes(core::VersionHeld{kSampleSession, 9}));
  BOOST_TEST(!passes(core::VersionHeld{kSampleSession, 10}));
  BOOST_TEST(!passes(core::VersionHeld{kSampleSession, kHuge}));
  BOOST_TEST(passes(pushed(9, {0, 0})));
  BOOST_TEST(!passes(pushed(10, {0, 0})));
  BOOST_TEST(!passes(core::LeafNotFinite{kSampleSession, {12, false, 0}}));
  BOOST_TEST(!passes(validated(12, {0, 0}, 1)));
}

BOOST_AUTO_TEST_CASE(a_failed_slot_is_one_of_the_nodes) {
  BOOST_TEST(passes(core::SlotFailed{kSampleSession, 2, false, {}, ""}));
  BOOST_TEST(!passes(core::SlotFailed{kSampleSession, 3, false, {}, ""}));
  // Between leaves, nothing is said of one.
  BOOST_TEST(passes(core::SlotFailed{kSampleSession, 2, false, {kHuge, true, kHuge}, ""}));
}

BOOST_AUTO_TEST_CASE(a_leaf_is_one_of_its_round_or_validation) {
  const auto both = [](core::LeafId leaf) {
    const bool fails = passes(failed_at(leaf));
    BOOST_TEST(passes(core::LeafNotFinite{kSampleSession, leaf}) == fails);
    return fails;
  };
  BOOST_TEST(both({1, false, 7}));
  BOOST_TEST(!both({1, false, 8}));
  BOOST_TEST(both({2, false, 5}));
  BOOST_TEST(!both({2, false, 6}));  // the epoch's last round is short
  BOOST_TEST(both({3, true, 4}));
  BOOST_TEST(!both({3, true, 5}));
  BOOST_TEST(!both({4, true, 0}));  // is not validated
  BOOST_TEST(!both({0, true, 0}));
  BOOST_TEST(!both({0, false, kHuge}));
  BOOST_TEST(both({11, false, 5}));  // of a unit ahead of all versions that it knows
  BOOST_TEST(!both({12, false, 0}));
}

BOOST_AUTO_TEST_CASE(a_pushed_block_is_one_of_its_rounds_tree) {
  BOOST_TEST(passes(pushed(0, {3, 0})));
  BOOST_TEST(!passes(pushed(0, {4, 0})));
  BOOST_TEST(!passes(pushed(0, {0, 8})));
  BOOST_TEST(passes(pushed(2, {0, 5})));
  BOOST_TEST(!passes(pushed(2, {0, 6})));
  BOOST_TEST(passes(pushed(2, {1, 2})));
  BOOST_TEST(!passes(pushed(2, {2, 1})));  // the same leaves by another name
}

BOOST_AUTO_TEST_CASE(the_unit_of_a_round_is_its_base) {
  core::BlockPushed push = pushed(4, {0, 5});
  BOOST_TEST(passes(push));
  push.unit = 3;
  BOOST_TEST(!passes(push));
}

BOOST_AUTO_TEST_CASE(a_leased_unit_is_pushed_whole) {
  BOOST_TEST(passes(attempted(3, 10, 9, {3, 0})));
  BOOST_TEST(passes(attempted(3, 11, 9, {3, 0})));  // a short one: its root has the same name
  BOOST_TEST(!passes(attempted(3, 10, 9, {2, 0})));
  BOOST_TEST(!passes(attempted(3, 10, 9, {0, 0})));
  BOOST_TEST(!passes(attempted(3, 10, 9, {4, 0})));
  MessageBounds bounds = kBounds;
  bounds.shape = {1, 20 * 4, 0, 4, 16};  // rounds of 16 and 4
  BOOST_TEST(passes(attempted(3, 3, 2, {2, 0}), bounds));
  BOOST_TEST(!passes(attempted(3, 3, 2, {4, 0}), bounds));  // the same leaves by another name
  BOOST_TEST(passes(attempted(3, 2, 2, {4, 0}), bounds));
}

BOOST_AUTO_TEST_CASE(a_node_speaks_of_no_lease_unit_or_base_that_it_was_not_given) {
  BOOST_TEST(passes(attempted(4, 11, 9, {3, 0})));
  BOOST_TEST(passes(attempted(1, 0, 0, {3, 0})));
  BOOST_TEST(!passes(attempted(5, 11, 9, {3, 0})));
  BOOST_TEST(!passes(attempted(kHuge, 11, 9, {3, 0})));
  BOOST_TEST(!passes(attempted(4, 12, 9, {3, 0})));
  BOOST_TEST(!passes(attempted(4, kHuge, 9, {3, 0})));
  BOOST_TEST(!passes(attempted(4, 11, 10, {3, 0})));
  BOOST_TEST(!passes(attempted(4, 11, kHuge, {3, 0})));
  MessageBounds without_leases = kBounds;
  without_leases.newest_lease = 0;
  BOOST_TEST(!passes(attempted(1, 0, 0, {3, 0}), without_leases));
  BOOST_TEST(passes(pushed(0, {3, 0}), without_leases));
}

BOOST_AUTO_TEST_CASE(weights_add_up_to_a_number) {
  for (const double weight : {0.0, 640.0}) {
    BOOST_TEST(passes(pushed(0, {0, 0}, weight)));
    BOOST_TEST(passes(validated(3, {0, 0}, 1, weight)));
  }
  for (const double weight : {-1.0, kNan, kInfinity}) {
    BOOST_TEST(!passes(pushed(0, {0, 0}, weight)));
    BOOST_TEST(!passes(validated(3, {0, 0}, 1, weight)));
  }
  // A loss may be anything: policy.not_finite says what follows.
  core::BlockPushed push = pushed(0, {0, 0});
  push.loss_sum = kNan;
  BOOST_TEST(passes(push));
}

BOOST_AUTO_TEST_CASE(a_validated_block_has_a_loss_for_each_of_its_leaves) {
  BOOST_TEST(passes(validated(3, {2, 0}, 4)));
  BOOST_TEST(passes(validated(3, {0, 4}, 1)));
  BOOST_TEST(passes(validated(3, {3, 0}, 5)));
  BOOST_TEST(!passes(validated(3, {2, 0}, 3)));
  BOOST_TEST(!passes(validated(3, {2, 0}, 5)));
  BOOST_TEST(!passes(validated(3, {0, 5}, 1)));
  BOOST_TEST(!passes(validated(3, {2, 1}, 1)));  // is called (0, 4)
  BOOST_TEST(!passes(validated(4, {2, 0}, 4)));
}

BOOST_AUTO_TEST_CASE(a_run_without_validation_has_none) {
  MessageBounds bounds = kBounds;
  bounds.shape.validation_samples = 0;
  BOOST_TEST(!passes(validated(3, {0, 0}, 1), bounds));
  BOOST_TEST(!passes(core::ValidationLease{3, {{0, 0}}}, bounds));
  BOOST_TEST(!passes(core::ValidationLease{3, {}}, bounds));
  BOOST_TEST(!passes(failed_at({3, true, 0}), bounds));
}

BOOST_AUTO_TEST_CASE(a_plan_has_disjoint_blocks_of_a_full_round) {
  BOOST_TEST(passes(core::PlanChanged{1, 4, {}}));
  BOOST_TEST(passes(core::PlanChanged{1, 4, {{1, 3}, {2, 0}}}));
  BOOST_TEST(!passes(core::PlanChanged{1, 4, {{0, 8}}}));
  BOOST_TEST(!passes(core::PlanChanged{1, 4, {{2, 0}, {0, 3}}}));
  BOOST_TEST(!passes(core::PlanChanged{1, 4, {{0, 3}, {0, 3}}}));
  BOOST_TEST(!passes(core::PlanChanged{1, kHuge, {}}));
}

BOOST_AUTO_TEST_CASE(a_rounds_lease_has_disjoint_blocks_of_that_round_in_any_order) {
  BOOST_TEST(passes(core::RoundLease{2, {{0, 5}, {2, 0}}}));
  BOOST_TEST(!passes(core::RoundLease{2, {{0, 6}}}));
  BOOST_TEST(!passes(core::RoundLease{2, {{0, 5}, {1, 2}}}));
  BOOST_TEST(!passes(core::RoundLease{kHuge, {}}));
}

BOOST_AUTO_TEST_CASE(a_validation_lease_has_disjoint_blocks_of_the_validation) {
  BOOST_TEST(passes(core::ValidationLease{3, {{0, 4}, {2, 0}}}));
  BOOST_TEST(!passes(core::ValidationLease{3, {{2, 1}}}));
  BOOST_TEST(!passes(core::ValidationLease{3, {{2, 0}, {1, 1}}}));
  BOOST_TEST(!passes(core::ValidationLease{4, {{2, 0}}}));
}

BOOST_AUTO_TEST_CASE(slots_shards_and_versions_of_a_heads_words_exist) {
  BOOST_TEST(passes(core::RestartSlot{2}));
  BOOST_TEST(!passes(core::RestartSlot{3}));
  BOOST_TEST(passes(core::VersionSlice{1, 9}));
  BOOST_TEST(!passes(core::VersionSlice{2, 9}));
  MessageBounds at_node = kBounds;
  at_node.newest = kHuge;
  for (const core::Version version : {core::Version{0}, core::Version{1'000'000}, kVersionMax}) {
    BOOST_TEST(passes(core::VersionSlice{1, version}, at_node));
    BOOST_TEST(passes(core::EndAt{version}, at_node));
    BOOST_TEST(passes(core::ReleaseVersion{version}, at_node));
  }
  BOOST_TEST(!passes(core::VersionSlice{1, kVersionMax + 1}, at_node));
  BOOST_TEST(!passes(core::EndAt{kHuge}, at_node));
  BOOST_TEST(!passes(core::ReleaseVersion{kHuge}, at_node));
}

BOOST_AUTO_TEST_CASE(a_units_lease_has_a_number_and_names_what_the_types_can_reckon_with) {
  MessageBounds at_node = kBounds;
  at_node.newest = at_node.newest_unit = at_node.newest_lease = kHuge;
  BOOST_TEST(passes(core::UnitLease{1, 0, 0}, at_node));
  BOOST_TEST(passes(core::UnitLease{kVersionMax, kVersionMax, kVersionMax}, at_node));
  BOOST_TEST(!passes(core::UnitLease{0, 0, 0}, at_node));
  BOOST_TEST(!passes(core::UnitLease{kHuge, 0, 0}, at_node));
  BOOST_TEST(!passes(core::UnitLease{1, kHuge, 0}, at_node));
  BOOST_TEST(!passes(core::UnitLease{1, 0, kHuge}, at_node));
  BOOST_TEST(passes(core::LeaseRevoked{1}, at_node));
  BOOST_TEST(!passes(core::LeaseRevoked{0}, at_node));
  BOOST_TEST(!passes(core::LeaseRevoked{kHuge}, at_node));
  BOOST_TEST(passes(core::VersionSlice{1, 9, 0}, at_node));
  BOOST_TEST(passes(core::VersionSlice{1, 9, 7}, at_node));
  BOOST_TEST(!passes(core::VersionSlice{1, 9, kHuge}, at_node));
}

BOOST_AUTO_TEST_CASE(words_without_content_pass) {
  BOOST_TEST(passes(core::Leave{kSampleSession}));
  BOOST_TEST(passes(core::Drained{kSampleSession}));
  BOOST_TEST(passes(core::Drain{}));
}

BOOST_AUTO_TEST_CASE(who_joins_says_who_it_is_and_has_slots) {
  const core::Join good{"node", 2, 77, 1, false};
  BOOST_TEST(!reason_to_refuse(good).has_value());
  const auto refuses = [&](auto change) {
    core::Join join = good;
    change(join);
    return reason_to_refuse(join).has_value();
  };
  BOOST_TEST(refuses([](core::Join& join) { join.name.clear(); }));
  BOOST_TEST(refuses([](core::Join& join) { join.slots = 0; }));
  BOOST_TEST(refuses([](core::Join& join) { join.slots = kNodeSlotsMax + 1; }));
  BOOST_TEST(refuses([](core::Join& join) { join.instance = 0; }));
  BOOST_TEST(refuses([](core::Join& join) { join.attempt = 0; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
