// Training on real actors: the same bits under every division of the work and every failure that is survived; a clear
// end where it is not.
#include <atomic>
#include <string>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include "actors/worker_actor.hpp"
#include "runtime/storage/posix_storage.hpp"
#include "runtime/storage/term_fence.hpp"
#include "tests/actors/training_harness.hpp"

namespace fulmar::actors::testing {
namespace {

constexpr core::Version kRoundsPerEpoch = 3;  // 21 leaves, 8 at a time

const RunResult& undisturbed() {
  static const RunResult result = run({});
  return result;
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void check_same_run(const RunResult& result) {
  BOOST_TEST(result.outcome.completed);
  BOOST_TEST(!result.outcome.failed);
  BOOST_TEST(result.checkpoint_version == undisturbed().checkpoint_version);
  BOOST_TEST(result.weights_digest == undisturbed().weights_digest);
  BOOST_TEST((result.outcome.state == undisturbed().outcome.state));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(training)

BOOST_AUTO_TEST_CASE(a_run_completes_and_leaves_its_last_version_and_its_best) {
  const RunResult& result = undisturbed();
  BOOST_TEST(result.outcome.completed);
  BOOST_TEST(result.outcome.state.version == 4 * kRoundsPerEpoch);
  BOOST_TEST(result.checkpoint_version == 4 * kRoundsPerEpoch);
  BOOST_TEST(result.outcome.state.ledger.samples_counted() == 4U * 21U);  // LEDGER-2
  BOOST_TEST(records_of<core::ValidationDone>(result).size() == 4U);
  BOOST_TEST(result.dropped_pushes.empty());
}

BOOST_AUTO_TEST_CASE(slots_and_shards_do_not_change_the_weights) {
  for (const std::uint32_t slots : {1U, 2U, 3U}) {
    for (const std::uint32_t shards : {1U, 3U}) {
      BOOST_TEST_CONTEXT(slots << " slots, " << shards << " shards") {
        RunOptions options;
        options.slots = slots;
        options.shards = shards;
        check_same_run(run(options));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_slot_that_throws_is_restarted_and_the_weights_do_not_change) {
  for (const std::uint32_t slots : {1U, 2U}) {
    RunOptions options;
    options.slots = slots;
    options.faults->add({1, false, 3}, Fault::throws, 1);
    options.faults->add({4, false, 0}, Fault::throws, 2);
    options.faults->add({8, false, 4}, Fault::throws, 1);  // the last leaf of a short round
    const RunResult result = run(options);
    check_same_run(result);
    BOOST_TEST(result.outcome.failures_survived == 4U);
    const auto deaths = records_of<core::SlotDied>(result);
    BOOST_REQUIRE(deaths.size() == 4U);
    BOOST_TEST(mentions(deaths[0].where, "round 1, leaf 3"));
    BOOST_TEST(mentions(deaths[0].cause, "a hole in the tape"));
  }
}

BOOST_AUTO_TEST_CASE(a_slot_that_throws_in_validation_is_restarted_and_the_best_does_not_change) {
  RunOptions options;
  options.faults->add({0, true, 2}, Fault::throws, 2);
  const RunResult result = run(options);
  check_same_run(result);
  BOOST_TEST(result.outcome.failures_survived == 2U);
}

BOOST_AUTO_TEST_CASE(a_leaf_that_kills_every_slot_it_meets_stops_the_run_and_is_named) {
  RunOptions options;
  options.pace = std::make_shared<Pace>();  // a validation that is under way when it fails costs the checkpoint
  options.faults->add({5, false, 4}, Fault::throws, 1000);
  const RunResult result = run(options);
  BOOST_TEST(result.outcome.failed);
  BOOST_TEST(!result.outcome.completed);
  // SUP-5: node, slot, leaf, samples, cause.
  for (const char* part : {"node 1 (head)", "slot ", "round 5, leaf 4 (training samples ", "a hole in the tape",
                           "this leaf has killed 3 slots"}) {
    BOOST_TEST(mentions(result.outcome.reason, part), result.outcome.reason << " lacks " << part);
  }
  BOOST_TEST(result.outcome.state.version == 5U);
  BOOST_TEST(result.checkpoint_version == 5U);  // nothing that was done is lost
}

BOOST_AUTO_TEST_CASE(failures_beyond_the_budget_stop_the_run) {
  RunOptions options;
  options.limits.restarts_max = 2;
  for (const std::uint64_t leaf : {0U, 2U, 4U}) options.faults->add({4, false, leaf}, Fault::throws, 1);
  const RunResult result = run(options);
  BOOST_TEST(result.outcome.failed);
  BOOST_TEST(mentions(result.outcome.reason, "3 failures within 100 rounds"), result.outcome.reason);
}

BOOST_AUTO_TEST_CASE(a_run_that_was_stopped_by_a_bad_leaf_goes_on_once_it_is_mended) {
  const ScratchDirectory directory;
  RunOptions options;
  options.directory = directory.path();
  options.faults->add({5, false, 4}, Fault::throws, 3);
  BOOST_TEST(run(options).outcome.failed);
  check_same_run(run(options));
}

BOOST_AUTO_TEST_CASE(a_gradient_that_is_not_finite_stops_the_run_and_names_node_leaf_and_samples) {
  RunOptions options;
  options.faults->add({7, false, 6}, Fault::not_finite, 1000);
  const RunResult result = run(options);
  BOOST_TEST(result.outcome.failed);
  for (const char* part : {"round 7 is not finite", "node 1 (head)", "leaf 6 (training samples ", "clip_norm"}) {
    BOOST_TEST(mentions(result.outcome.reason, part), result.outcome.reason << " lacks " << part);
  }
  BOOST_TEST(result.checkpoint_version == 7U);
}

BOOST_AUTO_TEST_CASE(a_skipped_round_advances_the_version_and_the_ledger_says_so) {
  RunResult first;
  for (const std::uint32_t shards : {1U, 3U}) {
    RunOptions options;
    options.shards = shards;
    options.not_finite = core::NotFinitePolicy::skip;
    options.faults->add({7, false, 6}, Fault::not_finite, 1000);
    const RunResult result = run(options);
    BOOST_TEST(result.outcome.completed);
    const core::RunState& state = result.outcome.state;
    BOOST_TEST(state.version == 12U);
    BOOST_TEST(state.updates_applied == 11U);
    BOOST_REQUIRE(state.ledger.voided().size() == 1U);
    BOOST_TEST((state.ledger.voided()[0] == core::VoidedRound{8, 2, 8, 8}));
    BOOST_TEST(state.ledger.samples_counted() == 4U * 21U - 8U);
    BOOST_TEST(result.weights_digest != undisturbed().weights_digest);
    if (shards == 1U) {
      first = result;
    } else {
      BOOST_TEST(result.weights_digest == first.weights_digest);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_model_that_is_never_finite_stops_a_skipping_run) {
  RunOptions options;
  options.epochs = 20;
  options.not_finite = core::NotFinitePolicy::skip;
  for (core::Version base = 2; base < 60; ++base) options.faults->add({base, false, 0}, Fault::not_finite, 1000);
  const RunResult result = run(options);
  BOOST_TEST(result.outcome.failed);
  BOOST_TEST(mentions(result.outcome.reason, "10 voided in a row"), result.outcome.reason);
}

BOOST_AUTO_TEST_CASE(a_worker_that_dies_is_replaced_and_the_weights_do_not_change) {
  for (const std::uint32_t shards : {1U, 3U}) {
    std::atomic<int> made{0};
    std::vector<caf::actor> workers;  // used on the supervisor's thread only
    RunOptions options;
    options.shards = shards;
    options.pace = std::make_shared<Pace>();
    options.make_worker = [&](caf::event_based_actor& supervisor, const std::shared_ptr<const RunContext>& context,
                              WorkerStart start) {
      ++made;
      workers.push_back(supervisor.spawn<caf::monitored>(worker_actor, context, std::move(start)));
      return workers.back();
    };
    options.on_version = [&](core::Version version) {
      if (version == 2 || version == 7) caf::anon_send_exit(workers.back(), caf::exit_reason::kill);
    };
    const RunResult result = run(options);
    check_same_run(result);
    BOOST_TEST(made == 3);
    BOOST_TEST(result.outcome.nodes_seen == 3U);
    BOOST_TEST(result.outcome.failures_survived == 2U);
    BOOST_TEST(records_of<core::NodeFailed>(result).size() == 2U);
  }
}

BOOST_AUTO_TEST_CASE(a_worker_that_keeps_dying_stops_the_run) {
  std::vector<caf::actor> workers;
  RunOptions options;
  options.limits.restarts_max = 3;
  options.pace = std::make_shared<Pace>();
  options.make_worker = [&](caf::event_based_actor& supervisor, const std::shared_ptr<const RunContext>& context,
                            WorkerStart start) {
    workers.push_back(supervisor.spawn<caf::monitored>(worker_actor, context, std::move(start)));
    return workers.back();
  };
  options.on_version = [&](core::Version) { caf::anon_send_exit(workers.back(), caf::exit_reason::kill); };
  const RunResult result = run(options);
  BOOST_TEST(result.outcome.failed);
  BOOST_TEST(mentions(result.outcome.reason, "4 failures within 100 rounds"), result.outcome.reason);
}

BOOST_AUTO_TEST_CASE(an_early_stop_ends_at_the_version_that_ran_out_of_patience) {
  RunOptions options;
  options.epochs = 40;
  options.patience = 2;
  const RunResult one = run(options);
  options.slots = 3;
  options.shards = 3;
  const RunResult other = run(options);
  BOOST_TEST(one.outcome.completed);
  BOOST_TEST(one.outcome.state.version < 40U * kRoundsPerEpoch);
  BOOST_TEST(one.outcome.state.validation.checks_without_better == 2U);
  BOOST_TEST(one.checkpoint_version == one.outcome.state.version);  // SUP-2
  BOOST_TEST((one.outcome.state == other.outcome.state));
  BOOST_TEST(one.weights_digest == other.weights_digest);
}

BOOST_AUTO_TEST_CASE(a_supervisor_that_dies_takes_everybody_with_it_and_the_cause_is_told) {
  RunOptions options;
  options.through_train = true;
  options.on_version = [](core::Version version) {
    if (version == 3) throw std::runtime_error("the display fell off the wall");
  };
  const RunResult result = run(options);
  BOOST_TEST(mentions(result.failure, "the supervisor died: the display fell off the wall"), result.failure);
}

BOOST_AUTO_TEST_CASE(a_head_that_has_been_replaced_stops_and_writes_nothing_more) {
  const ScratchDirectory directory;
  RunOptions options;
  options.directory = directory.path();
  options.epochs = 1000;
  options.on_version = [&](core::Version version) {
    if (version != 7) return;
    storage::PosixStorage storage(directory.path());
    BOOST_TEST(storage::write_term_file(storage, 9).ok());
  };
  const RunResult result = run(options);
  BOOST_TEST(result.outcome.failed);
  BOOST_TEST(mentions(result.outcome.reason, "another head has taken over in term 9"), result.outcome.reason);
  for (const core::ValidationDone& validation : records_of<core::ValidationDone>(result)) {
    BOOST_TEST(validation.version < 7U);
  }
  BOOST_TEST(records_of<core::RunEnded>(result).empty());
  BOOST_TEST(result.checkpoint_version < 7U);
}

BOOST_AUTO_TEST_CASE(a_run_that_is_over_already_ends_at_once) {
  const ScratchDirectory directory;
  RunOptions options;
  options.directory = directory.path();
  check_same_run(run(options));
  options.through_train = true;
  check_same_run(run(options));
}

BOOST_AUTO_TEST_CASE(metrics_have_a_line_for_the_end_and_none_is_torn) {
  const ScratchDirectory directory;
  { std::ofstream(directory.path() + "/metrics.jsonl") << "{\"version\":1,\"torn"; }
  RunOptions options;
  options.directory = directory.path();
  check_same_run(run(options));
  std::ifstream metrics(directory.path() + "/metrics.jsonl");
  std::string line, last;
  BOOST_REQUIRE(std::getline(metrics, line));
  BOOST_TEST(line == "{\"version\":1,\"torn");
  while (std::getline(metrics, line)) last = line;
  BOOST_TEST(mentions(last, "\"version\":12"), last);
  BOOST_TEST(last.back() == '}');
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_every_round_changes_nothing) {
  RunOptions options;
  options.checkpoint_every_rounds = 1;
  options.shards = 3;
  const RunResult result = run(options);
  check_same_run(result);
  BOOST_TEST(records_of<core::CheckpointWritten>(result).size() >= 12U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::actors::testing
