#include "runtime/core/unit_leases.hpp"

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

using Refusal = UnitLeases::Refusal;

constexpr Version kFar = 1000;
const PolicySettings kAsync{PolicyKind::async, 0, OnStale::wait};

PolicySettings bounded(std::uint64_t staleness, OnStale on_stale = OnStale::wait) {
  return {PolicyKind::bounded, staleness, on_stale};
}

struct Book {
  explicit Book(const PolicySettings& settings, Version version = 0, std::shared_ptr<const PrescribedOrder> order = {})
      : policy(make_policy(settings)), leases(version, std::move(order)) {}

  Refusal refusal(Version limit = kFar, std::optional<NodeId> holder = std::nullopt) const {
    return leases.next(*policy, limit, holder).refusal;
  }
  /// Leases what is next to node `node`, whose incarnation is ten times as much.
  Attempt grant(NodeId node, Version limit = kFar) {
    const UnitLeases::Next next = leases.next(*policy, limit, node);
    BOOST_REQUIRE(next.refusal == Refusal::none);
    const Attempt attempt{++last, node, 10 * node, next.update.unit, next.update.base};
    leases.grant(attempt, Time{}, Time::max());
    return attempt;
  }

  std::unique_ptr<const Policy> policy;
  UnitLeases leases;
  LeaseNumber last = 0;
};

BOOST_AUTO_TEST_SUITE(unit_leases)

// LEASE-3
BOOST_AUTO_TEST_CASE(units_are_leased_lowest_first_and_one_that_ended_void_is_leased_again) {
  Book book(kAsync, 4);
  const Attempt first = book.grant(1);
  BOOST_TEST((first.unit == 4 && first.base == 4));
  BOOST_TEST(book.grant(2).unit == 5);
  book.leases.mark_ending(first.lease);
  BOOST_TEST(book.grant(3).unit == 6);  // the lead has not answered
  BOOST_TEST((book.leases.end_void(first.lease)->attempt == first));
  const Attempt again = book.grant(4);
  BOOST_TEST(again.unit == 4);
  BOOST_TEST(book.leases.grants(4) == 2);
  BOOST_TEST(!book.leases.end_void(first.lease).has_value());
}

// An update may come in while its lease is being taken away; then it counts.
BOOST_AUTO_TEST_CASE(an_update_that_came_before_the_end_of_its_lease_counts) {
  Book book(kAsync);
  const Attempt attempt = book.grant(1);
  book.leases.mark_ending(attempt.lease);
  book.leases.apply(attempt);
  BOOST_TEST(book.leases.version() == 1);
  BOOST_TEST(book.leases.outstanding() == 0);
  BOOST_TEST(!book.leases.end_void(attempt.lease).has_value());
  BOOST_TEST(book.grant(2).unit == 1);
}

// LEASE-4
BOOST_AUTO_TEST_CASE(nothing_is_leased_that_could_be_under_way_across_the_limit) {
  Book book(kAsync);
  const Attempt a = book.grant(1, 2);
  const Attempt b = book.grant(2, 2);
  BOOST_TEST((book.refusal(2) == Refusal::limit));
  book.leases.apply(b);
  BOOST_TEST((book.refusal(2) == Refusal::limit));  // a may become version 2
  book.leases.apply(a);
  BOOST_TEST(book.leases.applied().cursor() == 2);
  const Attempt next = book.grant(1, 4);
  BOOST_TEST((next.unit == 2 && next.base == 2));
}

BOOST_AUTO_TEST_CASE(a_holder_is_free_when_every_shard_has_staged_its_unit_which_is_outstanding_still) {
  Book book(kAsync);
  const Attempt attempt = book.grant(1);
  BOOST_TEST(book.leases.of(10).value() == attempt.lease);
  book.leases.mark_staged(attempt.lease);
  BOOST_TEST(!book.leases.of(10).has_value());
  BOOST_TEST(book.leases.outstanding() == 1);
  BOOST_TEST(book.grant(1).unit == 1);
  BOOST_TEST(book.leases.of(10).has_value());
  book.leases.apply(attempt);  // the older one
  BOOST_TEST(book.leases.of(10).has_value());
}

BOOST_AUTO_TEST_CASE(the_bound_refuses_and_revoking_makes_room) {
  Book book(bounded(1, OnStale::revoke));
  const Attempt slow = book.grant(1);
  const Attempt quick = book.grant(2);
  BOOST_TEST((book.refusal() == Refusal::bound));
  BOOST_TEST(!book.leases.to_revoke(*book.policy).has_value());  // its base is the newest version
  book.leases.apply(quick);
  BOOST_TEST((book.refusal() == Refusal::bound));
  BOOST_TEST(book.leases.to_revoke(*book.policy).value() == slow.lease);
  book.leases.mark_ending(slow.lease);
  BOOST_TEST(!book.leases.to_revoke(*book.policy).has_value());  // not twice
  book.leases.end_void(slow.lease);
  const Attempt again = book.grant(2);
  BOOST_TEST((again.unit == slow.unit && again.base == 1));
}

BOOST_AUTO_TEST_CASE(what_was_staged_is_not_revoked) {
  Book book(bounded(1, OnStale::revoke));
  const Attempt staged = book.grant(1);
  book.leases.apply(book.grant(2));
  book.leases.mark_staged(staged.lease);
  BOOST_TEST(!book.leases.to_revoke(*book.policy).has_value());
}

// REPLAY-1
BOOST_AUTO_TEST_CASE(a_prescribed_order_is_leased_as_it_stands_whatever_the_policy) {
  const auto order = std::make_shared<const PrescribedOrder>(2, std::vector<PrescribedUpdate>{{3, 2}, {2, 2}, {4, 4}});
  Book book(PolicySettings{}, 2, order);
  BOOST_TEST(book.leases.replays());
  const Attempt first = book.grant(1);
  const Attempt second = book.grant(2);
  BOOST_TEST((first.unit == 3 && first.base == 2));
  BOOST_TEST((second.unit == 2 && second.base == 2));
  BOOST_TEST((book.refusal() == Refusal::order));  // version 4 is not out
  BOOST_TEST(book.leases.rest_version() == 5);
  book.leases.apply(first);
  book.leases.apply(second);
  const Attempt third = book.grant(1);
  BOOST_TEST((third.unit == 4 && third.base == 4));
  book.leases.apply(third);
  BOOST_TEST(!book.leases.replays());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
