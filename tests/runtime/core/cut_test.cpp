#include "runtime/core/cut.hpp"

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

BOOST_AUTO_TEST_SUITE(cut)

// CUT-1
BOOST_AUTO_TEST_CASE(a_cut_holds_when_every_shard_has_accepted_it) {
  CutSchedule cuts(2);
  BOOST_TEST(cuts.propose(10, 100) == 10U);
  BOOST_TEST(!cuts.accept(0, cuts.attempt()));
  BOOST_TEST(!cuts.accept(0, cuts.attempt()));
  BOOST_TEST(cuts.pending());
  BOOST_TEST(cuts.accept(1, cuts.attempt()));
  BOOST_TEST(!cuts.pending());
}

// CUT-1: the shard that said yes to the first proposal may have let go of the version since.
BOOST_AUTO_TEST_CASE(an_answer_to_an_earlier_proposal_of_the_same_version_does_not_count) {
  CutSchedule cuts(2);
  cuts.propose_exactly(10);
  const std::uint64_t first = cuts.attempt();
  BOOST_TEST(cuts.withdraw().value() == 10U);
  BOOST_TEST(!cuts.is_pending(first));
  cuts.propose_exactly(10);
  BOOST_TEST(!cuts.accept(0, first));
  BOOST_TEST(!cuts.accept(1, cuts.attempt()));
  BOOST_TEST(cuts.accept(0, cuts.attempt()));
}

BOOST_AUTO_TEST_CASE(the_margin_doubles_with_each_miss_and_never_passes_the_end) {
  CutSchedule cuts(1);
  for (const Version expected : {11U, 12U, 14U, 18U}) {
    cuts.widen_margin();
    BOOST_TEST(cuts.propose(10, 100) == expected);
  }
  BOOST_TEST(cuts.propose(99, 100) == 100U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
