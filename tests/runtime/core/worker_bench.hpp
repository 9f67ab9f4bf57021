// A worker with a strict shell: it keeps vectors and leaves as the real one does, and complains about what no worker
// may say. Slots bring back what they are told to, when they are told to. Thread rule: one owner.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/core/worker.hpp"
#include "tests/runtime/core/effects.hpp"

namespace fulmar::core {

class WorkerBench {
 public:
  WorkerBench(const RunShape& shape, std::uint32_t slots, std::uint32_t shards = 1, bool welcomed = true)
      : worker({shape, slots, shards}), jobs(slots), shape_(shape) {
    if (welcomed) step(Welcome{identity, 100, 0});
  }

  WorkerEffects step(const WorkerEvent& happened) {
    draining_ = draining_ || std::holds_alternative<Drain>(happened);
    WorkerEffects effects = worker.step(now, happened);
    for (const WorkerEffect& effect : effects) {
      std::visit([this](const auto& concrete) { carry_out(concrete); }, effect);
    }
    return effects;
  }
  /// The slot brings back what it is doing; unless said otherwise, it has computed every leaf.
  WorkerEffects finish(SlotId slot, bool abandoned = false, std::optional<std::uint64_t> leaves_done = std::nullopt) {
    const Job job = jobs.at(slot).value();
    jobs[slot].reset();
    if (job.kind != JobKind::validate && !abandoned) finished_ = job;
    return step(worker_event::JobDone{slot, job, {}, abandoned, leaves_done.value_or(leaves_of(job))});
  }
  WorkerEffects kill(SlotId slot) {
    if (jobs.at(slot) && is_current(*jobs[slot])) release(jobs[slot]->block);
    jobs[slot].reset();
    return step(worker_event::SlotDied{slot, true, {0, false, 0}, "boom"});
  }
  bool finish_one() {
    for (SlotId slot = 0; slot < jobs.size(); ++slot) {
      if (jobs[slot]) return finish(slot), true;
    }
    return false;
  }
  void finish_all() {
    while (finish_one()) {
    }
  }

  std::uint64_t leaves_of(const Job& job) const {
    return job.kind == JobKind::validate ? shape_.validation_tree().leaf_count(job.block)
                                         : shape_.tree(job.version).leaf_count(job.block);
  }
  bool is_pushed(std::uint64_t leaf) const { return pushed_leaves_.contains(leaf); }
  /// Running, in a kept vector, or pushed.
  bool is_held(std::uint64_t leaf) const { return held_leaves_.contains(leaf); }

  const Sender identity{1, 10, 1};
  Time now{};
  Worker worker;
  std::vector<std::optional<Job>> jobs;
  std::vector<Job> started;
  std::vector<Block> pushed;  // of the round under way
  std::set<Block> vectors;    // kept, of the round under way
  std::uint64_t drained = 0;  // how often it was said
  std::optional<Version> version;

 private:
  bool is_current(const Job& job) const { return job.kind != JobKind::validate && version == job.version; }
  void hold(const Block& block) {
    const BlockTree tree = shape_.tree(*version);
    for (std::uint64_t leaf = tree.first_leaf(block); leaf < tree.end_leaf(block); ++leaf) {
      BOOST_REQUIRE_MESSAGE(held_leaves_.insert(leaf).second, "WORK-2: leaf " << leaf << " is computed twice");
    }
  }
  void release(const Block& block) {
    const BlockTree tree = shape_.tree(*version);
    for (std::uint64_t leaf = tree.first_leaf(block); leaf < tree.end_leaf(block); ++leaf) held_leaves_.erase(leaf);
  }
  void take_vector(const Block& block) {
    BOOST_REQUIRE_MESSAGE(vectors.erase(block) == 1, "WORK-2: no vector of block " << to_string(block));
  }

  void carry_out(const worker_effect::StartJob& start) {
    BOOST_REQUIRE_MESSAGE(!draining_, "something was started while draining");
    BOOST_REQUIRE_MESSAGE(!jobs.at(start.slot).has_value(), "a busy slot got a job");
    jobs[start.slot] = start.job;
    started.push_back(start.job);
    if (start.job.kind == JobKind::validate) return;
    BOOST_REQUIRE(is_current(start.job));
    if (start.job.kind == JobKind::gradient) return hold(start.job.block);
    take_vector(shape_.tree(*version).left(start.job.block));
    take_vector(shape_.tree(*version).right(start.job.block));
  }
  void carry_out(const worker_effect::AssembleVersion& assemble) {
    if (version && assemble.version <= *version) return;
    version = assemble.version;
    pushed.clear();
    vectors.clear();
    held_leaves_.clear();
    pushed_leaves_.clear();
  }
  void carry_out(const worker_effect::KeepVector& keep) {
    BOOST_REQUIRE(finished_ && finished_->work.number == keep.work && finished_->block == keep.block);
    finished_.reset();
    BOOST_REQUIRE(vectors.insert(keep.block).second);
  }
  void carry_out(const worker_effect::Push& push) {
    BOOST_REQUIRE(push.work.base == version);
    BOOST_REQUIRE_MESSAGE(drained == 0, "something was pushed after the end");
    take_vector(push.block);
    pushed.push_back(push.block);
    const BlockTree tree = shape_.tree(push.work.unit);
    for (std::uint64_t leaf = tree.first_leaf(push.block); leaf < tree.end_leaf(push.block); ++leaf) {
      BOOST_REQUIRE_MESSAGE(pushed_leaves_.insert(leaf).second, "WORK-2: leaf " << leaf << " is pushed twice");
    }
  }
  void carry_out(const worker_effect::SayDrained&) { ++drained; }
  template <class Other>
  void carry_out(const Other&) {}

  RunShape shape_;
  bool draining_ = false;
  std::optional<Job> finished_;  // its vector came with the event
  std::set<std::uint64_t> held_leaves_;
  std::set<std::uint64_t> pushed_leaves_;
};

}  // namespace fulmar::core
