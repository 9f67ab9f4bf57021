#include "runtime/core/policy.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <set>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

constexpr std::uint64_t kBoundMax = 3;
constexpr std::size_t kNodesMax = 4;
constexpr Version kVersion = 1000;

PolicySettings bounded(std::uint64_t staleness, OnStale on_stale = OnStale::wait) {
  return {PolicyKind::bounded, staleness, on_stale};
}

/// The outstanding leases by how old their bases are, the oldest first: what a policy can know, and all that matters.
using Ages = std::vector<std::uint64_t>;

struct Bases {
  std::vector<Version> bases;
  explicit Bases(const Ages& ages) {
    for (const std::uint64_t age : ages) bases.push_back(kVersion - age);
  }
  InFlight in_flight() const { return {kVersion, bases}; }
};

bool admits(const Policy& policy, const Ages& ages) {
  return policy.admits(Bases(ages).in_flight());
}
bool revokes_oldest(const Policy& policy, const Ages& ages) {
  return policy.revokes_oldest(Bases(ages).in_flight());
}

Ages granted(Ages ages) {
  ages.push_back(0);
  return ages;
}
Ages lost(Ages ages, std::size_t which) {
  ages.erase(ages.begin() + static_cast<std::ptrdiff_t>(which));
  return ages;
}
/// The lease is in: its update makes the next version.
Ages arrived(const Ages& before, std::size_t which) {
  Ages ages = lost(before, which);
  for (std::uint64_t& age : ages) ++age;
  return ages;
}

/// Every state that `nodes` nodes can bring about by grants, arrivals and losses in any order, of any number. There are
/// finitely many as long as the bound holds, which `visit` is to check for each.
std::size_t visit_reachable(const Policy& policy, std::size_t nodes, const std::function<void(const Ages&)>& visit) {
  std::set<Ages> seen{Ages{}};
  std::deque<Ages> open{Ages{}};
  const auto reach = [&](const Ages& ages) {
    if (seen.insert(ages).second) open.push_back(ages);
  };
  while (!open.empty()) {
    const Ages ages = open.front();
    open.pop_front();
    visit(ages);
    if (ages.size() < nodes && admits(policy, ages)) reach(granted(ages));
    if (revokes_oldest(policy, ages)) reach(lost(ages, 0));
    for (std::size_t i = 0; i < ages.size(); ++i) {
      reach(arrived(ages, i));
      reach(lost(ages, i));
    }
    BOOST_REQUIRE_MESSAGE(seen.size() < 10'000, "POLICY-1: staleness grows without end");
  }
  return seen.size();
}

BOOST_AUTO_TEST_SUITE(policy)

// POLICY-1: an update's staleness is the age of its base when it comes in, and each lease may come in next.
BOOST_AUTO_TEST_CASE(no_update_is_staler_than_the_bound_in_whatever_order_leases_come_in_or_do_not) {
  for (std::uint64_t bound = 0; bound <= kBoundMax; ++bound) {
    for (const OnStale on_stale : {OnStale::wait, OnStale::revoke}) {
      for (std::size_t nodes = 1; nodes <= kNodesMax; ++nodes) {
        const auto policy = make_policy(bounded(bound, on_stale));
        std::size_t most = 0;
        std::uint64_t stalest = 0;
        visit_reachable(*policy, nodes, [&](const Ages& ages) {
          most = std::max(most, ages.size());
          for (const std::uint64_t age : ages) stalest = std::max(stalest, age);
        });
        BOOST_TEST(stalest <= bound, "S = " << bound << ", " << nodes << " nodes: " << stalest);
        // And neither bound is given away: what may happen does. One node alone is never stale.
        BOOST_TEST(most == std::min<std::size_t>(nodes, bound + 1));
        BOOST_TEST(stalest == (nodes == 1 ? 0 : bound));
      }
    }
  }
}

// The gate is as wide as the bound allows: where it is shut, one more lease could make an update too stale.
BOOST_AUTO_TEST_CASE(a_lease_is_refused_only_where_it_could_break_the_bound) {
  for (std::uint64_t bound = 0; bound <= kBoundMax; ++bound) {
    const auto policy = make_policy(bounded(bound));
    std::size_t refused = 0;
    visit_reachable(*policy, kNodesMax, [&](const Ages& ages) {
      if (admits(*policy, ages)) return;
      ++refused;
      Ages last = granted(ages);
      while (last.size() > 1) last = arrived(last, 1);
      BOOST_TEST(last.front() > bound);
    });
    BOOST_TEST(refused > 0U);
  }
}

BOOST_AUTO_TEST_CASE(a_bound_of_none_is_one_unit_at_a_time) {
  for (const OnStale on_stale : {OnStale::wait, OnStale::revoke}) {
    const auto policy = make_policy(bounded(0, on_stale));
    visit_reachable(*policy, kNodesMax, [&](const Ages& ages) {
      BOOST_TEST(ages.size() <= 1);
      BOOST_TEST(admits(*policy, ages) == ages.empty());
      BOOST_TEST(!revokes_oldest(*policy, ages));
    });
  }
}

// Whoever waits always asks again. Revocations free a place for a fresh unit each time, are at most as many as there
// were leases from older versions, and leave somebody computing from the newest: the next update comes.
BOOST_AUTO_TEST_CASE(revoking_never_goes_back_and_forth_without_an_update) {
  for (std::uint64_t bound = 1; bound <= kBoundMax; ++bound) {
    const auto policy = make_policy(bounded(bound, OnStale::revoke));
    std::size_t revocations = 0;
    visit_reachable(*policy, kNodesMax, [&](Ages ages) {
      const auto old = std::count_if(ages.begin(), ages.end(), [](std::uint64_t age) { return age > 0; });
      std::ptrdiff_t revoked = 0;
      for (bool moved = true; moved;) {
        moved = false;
        if (revokes_oldest(*policy, ages)) {
          BOOST_TEST(ages.front() > 0U);
          ages = lost(ages, 0);
          BOOST_TEST(admits(*policy, ages));
          ++revoked;
        }
        if (ages.size() < kNodesMax && admits(*policy, ages)) {
          ages = granted(ages);
          moved = true;
        }
      }
      BOOST_TEST(revoked <= old);
      BOOST_TEST(!ages.empty());
      revocations += static_cast<std::size_t>(revoked);
    });
    BOOST_TEST(revocations > 0U);
  }
}

// Leases that a looser bound admitted: taking one away would not make room, so none is taken.
BOOST_AUTO_TEST_CASE(a_lease_is_revoked_only_where_that_makes_room) {
  const auto policy = make_policy(bounded(1, OnStale::revoke));
  BOOST_TEST(!admits(*policy, {5, 4}));
  BOOST_TEST(!revokes_oldest(*policy, {5, 4}));
  BOOST_TEST(revokes_oldest(*policy, {5, 0}));
  BOOST_TEST(revokes_oldest(*policy, {5}));
}

BOOST_AUTO_TEST_CASE(one_who_waits_revokes_nothing) {
  const auto policy = make_policy(bounded(2, OnStale::wait));
  visit_reachable(*policy, kNodesMax, [&](const Ages& ages) { BOOST_TEST(!revokes_oldest(*policy, ages)); });
}

BOOST_AUTO_TEST_CASE(without_a_bound_everybody_is_admitted) {
  const auto policy = make_policy({PolicyKind::async, 4, OnStale::revoke});
  const Ages ages{900, 900, 50, 1, 0, 0, 0};
  BOOST_TEST(policy->is_asynchronous());
  BOOST_TEST(admits(*policy, ages));
  BOOST_TEST(!revokes_oldest(*policy, ages));
  BOOST_TEST(!policy->bound().has_value());
  BOOST_TEST(!policy->units_in_flight_max().has_value());
}

BOOST_AUTO_TEST_CASE(rounds_lease_no_unit) {
  const auto policy = make_policy({});
  BOOST_TEST(!policy->is_asynchronous());
  BOOST_TEST(!admits(*policy, {}));
  BOOST_TEST(!revokes_oldest(*policy, {}));
}

BOOST_AUTO_TEST_CASE(a_bound_lets_one_unit_more_be_under_way_than_it_says) {
  const auto policy = make_policy(bounded(4));
  BOOST_TEST(policy->is_asynchronous());
  BOOST_TEST(policy->bound().value() == 4U);
  BOOST_TEST(policy->units_in_flight_max().value() == 5U);
}

BOOST_AUTO_TEST_CASE(a_policy_reads_as_it_is_written) {
  for (const PolicySettings& settings :
       {PolicySettings{}, bounded(0), bounded(4), bounded(kStalenessMax), PolicySettings{PolicyKind::async}}) {
    const auto parsed = parse_policy(to_string(settings), {});
    BOOST_REQUIRE(parsed.ok());
    BOOST_TEST(parsed->same_as(settings), to_string(settings));
    BOOST_TEST(to_string(*parsed) == to_string(settings));
  }
  BOOST_TEST(to_string(bounded(4)) == "bounded:4");
}

BOOST_AUTO_TEST_CASE(what_a_text_leaves_out_stays_as_it_was) {
  const PolicySettings before = bounded(7, OnStale::revoke);
  BOOST_TEST(to_string(parse_policy("bounded", before).value()) == "bounded:7");
  BOOST_TEST((parse_policy("bounded:2", before)->on_stale == OnStale::revoke));
  const PolicySettings meanwhile = parse_policy("sync", before).value();
  BOOST_TEST(to_string(meanwhile) == "sync");
  BOOST_TEST(to_string(parse_policy("bounded", meanwhile).value()) == "bounded:7");
}

BOOST_AUTO_TEST_CASE(the_bound_counts_only_where_there_is_one) {
  BOOST_TEST(!bounded(1).same_as(bounded(2)));
  BOOST_TEST(!bounded(1).same_as({PolicyKind::async, 1}));
  BOOST_TEST((PolicySettings{PolicyKind::async, 1}.same_as({PolicyKind::async, 2})));
  BOOST_TEST((PolicySettings{PolicyKind::sync, 1}.same_as({PolicyKind::sync, 2})));
}

BOOST_AUTO_TEST_CASE(what_is_no_policy_is_refused_with_what_is_one) {
  const auto refused = [](std::string_view text) {
    const auto parsed = parse_policy(text, {});
    BOOST_REQUIRE_MESSAGE(!parsed.ok(), "accepted: " << text);
    BOOST_TEST(parsed.error().message.find("policy \"" + std::string(text) + "\" is ") == 0U);
    BOOST_TEST(parsed.error().message.find("a policy is sync, bounded:S or async") != std::string::npos);
    return parsed.error().message;
  };
  for (const std::string_view text :
       {"bounded:-1", "bounded:x", "bounded:4x", "bounded:4 ", "bounded: 4", "bounded:+4", "bounded:1.5", "bounded:1e2",
        "bounded:4:5", "bounded:65537", "bounded:18446744073709551616", "bounded:99999999999999999999999"}) {
    BOOST_TEST(refused(text).find("is impossible: S is a whole number from 0 to 65536") != std::string::npos);
  }
  BOOST_TEST(refused("bounded:").find("nothing behind the colon") != std::string::npos);
  BOOST_TEST(refused("sync:4").find("sync has no S") != std::string::npos);
  BOOST_TEST(refused("async:").find("async has no S") != std::string::npos);
  BOOST_TEST(refused("boundd:4").find("did you mean \"bounded\"?") != std::string::npos);
  BOOST_TEST(refused("ASYNC").find("did you mean \"async\"?") != std::string::npos);
  BOOST_TEST(refused("").find("expected one of: sync, bounded, async") != std::string::npos);
  BOOST_TEST(refused("local").find("expected one of: sync, bounded, async") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
