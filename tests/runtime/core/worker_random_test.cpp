// Deaths, plans, leases and versions in any order, against a model of what a worker has to do.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/vocabulary/random.hpp"
#include "tests/runtime/core/worker_bench.hpp"

namespace fulmar::core {
namespace {

/// Rounds of 32 leaves of 1 sample; every second one is the last of an epoch and has 21. 4 validation leaves.
const RunShape kShape{1, 53, 4, 1, 32};

using Blocks = std::vector<Block>;

/// A worker under random events, and the model of what it has to do: its assignment, leaf by leaf, in order.
struct RandomRound {
  explicit RandomRound(std::uint64_t seed)
      : stream(seed, Purpose::simulation, 0, 0), bench(kShape, static_cast<std::uint32_t>(1 + below(4))) {}

  std::uint64_t below(std::uint64_t n) { return stream.words(draw++)[0] % n; }

  Blocks any_range() {
    const std::uint64_t begin = below(32);
    return BlockTree(32, 32).decompose(begin, begin + 1 + below(32 - begin));
  }
  void change_plan() {
    const Version from = bench.version.value_or(0) + below(2);
    plans.erase(plans.lower_bound(from), plans.end());
    plans[from] = any_range();
    step(PlanChanged{1, from, plans[from]});
  }
  /// Blocks in any order, which may overlap, of a round that may be over.
  void change_lease() {
    Blocks blocks;
    for (std::uint64_t ranges = below(4); ranges > 0; --ranges) {
      for (const Block& block : any_range()) blocks.push_back(block);
    }
    for (std::uint64_t i = blocks.size(); i > 1; --i) std::swap(blocks[i - 1], blocks[below(i)]);
    const Version base = bench.version.value_or(0) + 2 - std::min<Version>(below(4), 2 + bench.version.value_or(0));
    leases[base] = blocks;
    step(RoundLease{base, blocks});
  }
  void use_slot() {
    const auto slot = static_cast<SlotId>(below(bench.jobs.size()));
    if (below(4) == 0) step(RestartSlot{slot}), dead.erase(slot);
    if (!bench.jobs[slot]) return;
    const bool dies = below(4) == 0;
    if (dies) dead.insert(slot);
    dies ? bench.kill(slot) : bench.finish(slot);
    check();
  }
  void step(const WorkerEvent& happened) {
    bench.step(happened);
    check();
  }

  std::vector<std::uint64_t> assignment() const {
    const auto lease = leases.find(*bench.version);
    const auto later = plans.upper_bound(*bench.version);
    Blocks blocks;
    if (lease != leases.end()) {
      blocks = lease->second;
    } else if (later != plans.begin()) {
      blocks = std::prev(later)->second;
    }
    std::vector<std::uint64_t> leaves;
    for (const Block& block : blocks) {
      for (std::uint64_t leaf = block.index << block.level; leaf < (block.index + 1) << block.level; ++leaf) {
        const bool is_new = std::find(leaves.begin(), leaves.end(), leaf) == leaves.end();
        if (is_new && leaf < kShape.leaves_in_round(*bench.version)) leaves.push_back(leaf);
      }
    }
    return leaves;
  }
  /// What was started is ours, and everything before it is done or being done; nothing waits while a slot is free.
  void check() {
    if (!bench.version) return;
    const std::vector<std::uint64_t> leaves = assignment();
    std::size_t begun = 0;  // of `leaves`, the first so many must have been begun
    for (; seen < bench.started.size(); ++seen) {
      const Job& job = bench.started[seen];
      if (job.kind != JobKind::gradient) continue;
      const BlockTree tree = kShape.tree(job.version);
      for (std::uint64_t leaf = tree.first_leaf(job.block); leaf < tree.end_leaf(job.block); ++leaf) {
        const auto position = std::find(leaves.begin(), leaves.end(), leaf);
        BOOST_REQUIRE_MESSAGE(position != leaves.end(), "leaf " << leaf << " is not ours");
        begun = std::max(begun, static_cast<std::size_t>(position - leaves.begin()));
      }
    }
    for (SlotId slot = 0; slot < bench.jobs.size(); ++slot) {
      if (!draining && !bench.jobs[slot] && !dead.contains(slot)) begun = leaves.size();
    }
    for (std::size_t i = 0; i < begun; ++i) {
      BOOST_REQUIRE_MESSAGE(bench.is_held(leaves[i]), "WORK-1, WORK-4: leaf " << leaves[i] << " is passed over");
    }
  }

  RandomStream stream;
  std::uint64_t draw = 0;
  WorkerBench bench;
  std::map<Version, Blocks> plans;
  std::map<Version, Blocks> leases;
  std::set<SlotId> dead;
  std::size_t seen = 0;  // of what was started
  bool draining = false;
};

BOOST_AUTO_TEST_SUITE(worker_at_random)

// WORK-1, WORK-2, WORK-4; the bench sees to it that no vector is used twice and no leaf computed twice.
BOOST_AUTO_TEST_CASE(no_leaf_is_lost_or_used_twice_under_deaths_plans_and_leases) {
  std::uint64_t overridden = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      RandomRound round(seed);
      for (int i = 0; i < 60; ++i) {
        if (round.below(10) == 0) round.change_plan();
        if (round.below(8) == 0) round.change_lease();
        if (round.below(15) == 0) round.step(ValidationLease{2, {{2, 0}}});
        if (i == 5 || round.below(25) == 0) round.step(VersionSlice{0, round.bench.version.value_or(0) + 1});
        round.use_slot();
      }
      round.dead.clear();
      for (SlotId slot = 0; slot < round.bench.jobs.size(); ++slot) round.bench.step(RestartSlot{slot});
      round.bench.finish_all();
      for (const std::uint64_t leaf : round.assignment()) BOOST_REQUIRE(round.bench.is_pushed(leaf));
      BOOST_REQUIRE(round.bench.vectors.empty());
      if (round.leases.contains(*round.bench.version)) ++overridden;
    }
  }
  BOOST_TEST(overridden > 300U);  // or this shows nothing
}

BOOST_AUTO_TEST_CASE(whatever_was_computed_is_pushed_before_it_is_drained) {
  std::uint64_t with_vectors = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      RandomRound round(seed);
      round.step(VersionSlice{0, 2});
      for (std::uint64_t i = round.below(30); i > 0; --i) {
        if (round.below(6) == 0) round.change_lease();
        if (round.below(8) == 0) round.step(ValidationLease{2, {{2, 0}}});
        round.use_slot();
      }
      if (!round.bench.vectors.empty()) ++with_vectors;
      round.draining = true;
      round.step(Drain{});
      for (int i = 0; i < 20; ++i) {
        const auto& jobs = round.bench.jobs;
        const bool busy = std::any_of(jobs.begin(), jobs.end(), [](const auto& job) { return job.has_value(); });
        BOOST_REQUIRE(round.bench.drained == (busy ? 0U : 1U));
        BOOST_REQUIRE(round.bench.vectors.empty());
        if (round.below(4) == 0) round.bench.step(RoundLease{2, round.any_range()});
        if (round.below(4) == 0) round.bench.step(PlanChanged{1, 0, round.any_range()});
        round.use_slot();
      }
      round.bench.finish_all();
      BOOST_REQUIRE(round.bench.drained == 1U);
    }
  }
  BOOST_TEST(with_vectors > 300U);  // or this shows nothing
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
