// Asynchronous policies on real actors: every unit once, none staler than allowed, and whatever is in the journal can
// be had again, bit for bit.
#include <fstream>
#include <string>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/posix_storage.hpp"
#include "tests/actors/joining_nodes.hpp"
#include "tests/actors/training_harness.hpp"

namespace fulmar::actors::testing {
namespace {

constexpr core::Version kRoundsPerEpoch = 3;  // 21 leaves, 8 at a time
constexpr core::PolicySettings kSync{};
constexpr core::PolicySettings kAsync{core::PolicyKind::async};

core::PolicySettings bounded(std::uint64_t staleness, core::OnStale on_stale = core::OnStale::wait) {
  return {core::PolicyKind::bounded, staleness, on_stale};
}

const RunResult& synchronous() {
  static const RunResult result = run({});
  return result;
}

core::RunHistory history_of(const RunResult& result, const core::PolicySettings& configured) {
  Result<core::RunHistory> history = core::read_history(result.journal, configured);
  BOOST_REQUIRE_MESSAGE(history.ok(), (history.ok() ? "" : history.error().message));
  return std::move(*history);
}

/// Whether the sums of each update that the journal has are those that `verdicts` were reached with; how many.
std::size_t compare_updates(const core::RunHistory& history, const std::map<core::Version, core::Verdict>& verdicts) {
  std::size_t compared = 0;
  for (const auto& [version, update] : history.updates) {
    const auto verdict = verdicts.find(version);
    if (verdict == verdicts.end()) continue;
    ++compared;
    BOOST_TEST(verdict->second.loss_sum == update.loss_sum);
    BOOST_TEST(verdict->second.squared_norm == update.squared_norm);
    BOOST_TEST(verdict->second.attempt.unit == update.attempt.unit);
    BOOST_TEST(verdict->second.attempt.base == update.attempt.base);
  }
  return compared;
}

/// LEDGER-1, and that the journal, recomputed by one worker from the beginning, gives the same weights.
void check_consistent(const RunResult& result, const RunOptions& options) {
  BOOST_TEST(result.failure == "");
  BOOST_TEST(result.outcome.completed);
  BOOST_TEST(!result.outcome.failed, result.outcome.reason);
  const core::RunState& state = result.outcome.state;
  BOOST_TEST(state.version == options.epochs * kRoundsPerEpoch);
  BOOST_TEST(state.updates_applied == state.version);
  BOOST_TEST(state.ledger.samples_counted() == options.epochs * 21U);
  BOOST_TEST(state.ledger.is_cursor());
  BOOST_TEST(result.checkpoint_version == state.version);

  RunOptions again;
  again.epochs = options.epochs;
  again.remedies = options.remedies;
  again.prescribed = history_of(result, options.policy);
  const RunResult replayed = run(again);
  BOOST_TEST(replayed.outcome.completed);
  BOOST_TEST(replayed.weights_digest == result.weights_digest);
  BOOST_TEST((replayed.outcome.state.ledger == state.ledger));
  BOOST_TEST((replayed.outcome.state.validation == state.validation));
  BOOST_TEST(compare_updates(again.prescribed, replayed.verdicts) == again.prescribed.updates.size());
}

std::uint64_t staleness_max(const RunResult& result) {
  std::uint64_t most = 0;
  for (const auto& update : records_of<core::UpdateApplied>(result)) {
    most = std::max(most, update.version - 1 - update.attempt.base);
  }
  return most;
}

/// Ends as if it had been killed when `version` is out: no checkpoint and no last word. Then goes on.
RunResult killed_and_resumed(RunOptions options, core::Version version) {
  const ScratchDirectory directory;
  options.directory = directory.path();
  options.on_version = [version](core::Version out) {
    if (out == version) throw std::runtime_error("the head is killed");
  };
  BOOST_TEST(run(options).failure != "");
  options.on_version = nullptr;
  return run(options);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(asynchronous)

// One unit at a time, each from the version before it, is what synchronous rounds are.
BOOST_AUTO_TEST_CASE(without_staleness_the_weights_are_those_of_synchronous_rounds) {
  for (const std::uint32_t shards : {1U, 3U}) {
    RunOptions options;
    options.shards = shards;
    options.policy = bounded(0);
    options.remedies = {true, 0.5};  // of which an update that is not stale sees nothing
    JoiningNodes nodes(options, {1, 2});
    const RunResult result = run(options);
    nodes.end();
    BOOST_TEST(result.outcome.completed);
    BOOST_TEST(result.weights_digest == synchronous().weights_digest);
    BOOST_TEST((result.outcome.state == synchronous().outcome.state));
    BOOST_TEST(records_of<core::UpdateApplied>(result).size() == 4 * kRoundsPerEpoch);
  }
}

BOOST_AUTO_TEST_CASE(one_worker_alone_leases_one_unit_after_the_other) {
  for (const core::PolicySettings& policy : {bounded(4), kAsync}) {
    RunOptions options;
    options.slots = 3;
    options.policy = policy;
    const RunResult result = run(options);
    check_consistent(result, options);
    BOOST_TEST(result.outcome.policy == core::to_string(policy));
    BOOST_TEST(result.outcome.nodes_seen == 1U);
  }
}

BOOST_AUTO_TEST_CASE(nodes_that_work_side_by_side_compute_each_unit_once_and_none_staler_than_the_bound) {
  for (const core::PolicySettings& policy :
       {bounded(1), bounded(2, core::OnStale::revoke), bounded(16), core::PolicySettings(kAsync)}) {
    for (const std::uint32_t shards : {1U, 3U}) {
      BOOST_TEST_CONTEXT(core::to_string(policy) << ", " << shards << " shards") {
        RunOptions options;
        options.epochs = 20;
        options.shards = shards;
        options.policy = policy;
        JoiningNodes nodes(options, {1, 1, 2});
        const RunResult result = run(options);
        nodes.end();
        check_consistent(result, options);
        BOOST_TEST(records_of<core::UpdateApplied>(result).size() == 20 * kRoundsPerEpoch);
        if (policy.kind == core::PolicyKind::bounded) BOOST_TEST(staleness_max(result) <= policy.staleness);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_remedies_are_a_part_of_what_is_recomputed) {
  RunOptions options;
  options.epochs = 20;
  options.shards = 3;
  options.policy = kAsync;
  options.remedies = {true, 0.5};
  options.checkpoint_every_rounds = 4;
  JoiningNodes nodes(options, {1, 1});
  const RunResult result = run(options);
  nodes.end();
  check_consistent(result, options);
}

BOOST_AUTO_TEST_CASE(a_run_whose_head_was_killed_recomputes_what_its_journal_has_and_goes_on) {
  for (const core::Version version : {2U, 5U, 7U}) {
    BOOST_TEST_CONTEXT("killed at version " << version) {
      RunOptions options;
      options.policy = bounded(4);
      const RunResult result = killed_and_resumed(options, version);
      check_consistent(result, options);
      const auto terms = records_of<core::TermStarted>(result);
      BOOST_REQUIRE(terms.size() == 2U);
      BOOST_TEST(terms[1].version >= version - 1);  // the update that was being told of may be missing
      // What was recomputed is what was there: this term's verdicts, and both terms' records.
      BOOST_TEST(compare_updates(history_of(result, options.policy), result.verdicts) > 4 * kRoundsPerEpoch - version);
      BOOST_TEST(records_of<core::UpdateApplied>(result).size() == 4 * kRoundsPerEpoch);  // none was written twice
    }
  }
}

BOOST_AUTO_TEST_CASE(the_policy_changes_in_every_direction_while_the_run_goes_on) {
  RunOptions options;
  options.epochs = 30;
  options.shards = 3;
  options.switches = {{4, bounded(2)}, {15, kSync}, {29, kAsync}, {40, bounded(1)}, {55, kAsync}, {70, kSync}};
  JoiningNodes nodes(options, {1, 2});
  const RunResult result = run(options);
  nodes.end();
  check_consistent(result, options);
  std::vector<std::string> policies;
  for (const auto& switched : records_of<core::PolicySwitched>(result)) policies.push_back(switched.policy);
  const std::vector<std::string> expected{"bounded:2", "sync", "async", "bounded:1", "async", "sync"};
  BOOST_TEST(policies == expected, boost::test_tools::per_element());
  BOOST_TEST(result.outcome.policy == "sync");
}

BOOST_AUTO_TEST_CASE(a_run_that_is_killed_between_policies_is_recomputed_under_both) {
  RunOptions options;
  options.epochs = 8;
  options.switches = {{2, kAsync}, {9, kSync}};
  for (const core::Version version : {5U, 8U, 20U}) {
    BOOST_TEST_CONTEXT("killed at version " << version) {
      check_consistent(killed_and_resumed(options, version), options);
    }
  }
}

BOOST_AUTO_TEST_CASE(metrics_and_checkpoints_say_the_policy) {
  const ScratchDirectory directory;
  RunOptions options;
  options.directory = directory.path();
  options.policy = bounded(4);
  BOOST_TEST(run(options).outcome.completed);
  std::ifstream metrics(directory.path() + "/metrics.jsonl");
  std::string line;
  BOOST_REQUIRE(std::getline(metrics, line));
  const nlohmann::json json = nlohmann::json::parse(line);
  BOOST_TEST(json.at("policy") == "bounded:4");
  BOOST_TEST(json.at("staleness").at("max").get<int>() <= 4);
  BOOST_TEST(json.at("staleness").at("mean").get<double>() <= json.at("staleness").at("max").get<double>());
  storage::PosixStorage storage(directory.path());
  const Result<storage::StateFile> state = storage::CheckpointStore(storage).load_state(4 * kRoundsPerEpoch);
  BOOST_REQUIRE(state.ok());
  BOOST_TEST(state->state.policy == "bounded:4");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::actors::testing
