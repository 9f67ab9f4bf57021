#include "runtime/core/supervisor.hpp"

#include <limits>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/core/effects.hpp"

namespace fulmar::core {
namespace {

namespace effect = supervisor_effect;
namespace event = supervisor_event;

constexpr Term kTerm = 2;
const Time kNow = std::chrono::seconds(1);

/// Two rounds of 4 leaves an epoch, validated at its end by 2 leaves; 3 epochs; one shard.
SupervisorSettings settings() {
  SupervisorSettings settings;
  settings.shape = {1, 8, 2, 1, 4};
  settings.term = kTerm;
  settings.end_version = 6;
  settings.failures = {2, 3, 100};
  return settings;
}

/// A supervisor that has heard of one worker, and what it said last.
struct Bench {
  explicit Bench(const SupervisorSettings& with = settings(), const RunState& from = {}) : supervisor(with, from) {
    effects = supervisor.start(kNow);
    if (!end()) join("alpha", alpha);
  }
  /// A node joins, has its weights and is measured.
  void join(const std::string& name, const Sender& as, bool local = true) {
    step(Join{name, 2, local ? 0U : as.node, 0, local});
    SupervisorEffects first = effects;
    step(Beat{as, supervisor.state().version, 1});
    first.insert(first.end(), effects.begin(), effects.end());
    step(event::Tick{});
    first.insert(first.end(), effects.begin(), effects.end());
    effects = std::move(first);
  }
  void step(const SupervisorEvent& happened) { effects = supervisor.step(kNow, happened); }
  /// The next version is out.
  void publish(Action action = Action::apply) {
    Verdict verdict;
    verdict.base = supervisor.state().version;
    verdict.attempt = synchronous_attempt(verdict.base);
    verdict.action = action;
    verdict.loss_sum = verdict.weight_sum = 4;
    step(VerdictReached{verdict});
    if (action != Action::stop) step(ShardPublished{0, verdict.base + 1});
  }
  void validate(Version version, double loss) { step(BlockValidated{alpha, version, {1, 0}, {{loss, 1}, {loss, 1}}}); }
  template <class Effect>
  std::vector<Effect> said() const {
    return all_of_kind<Effect>(effects);
  }
  std::optional<effect::EndRun> end() const {
    const auto ends = said<effect::EndRun>();
    return ends.empty() ? std::nullopt : std::optional(ends.front());
  }
  /// The cut that was announced last is accepted.
  void accept_cut() {
    for (const auto& send : said<effect::SendToAggregators>()) {
      if (const auto* cut = std::get_if<CutAnnounced>(&send.message)) last_cut = *cut;
    }
    step(CutAccepted{0, last_cut.version, last_cut.attempt});
  }
  void written(Version version, const std::string& failure = "") {
    step(event::CheckpointDone{version, CheckpointKind::full, "hash", failure});
  }

  Supervisor supervisor;
  SupervisorEffects effects;
  CutAnnounced last_cut;
  const Sender alpha{1, 1, kTerm}, beta{2, 2, kTerm};
};

BOOST_AUTO_TEST_SUITE(supervisor)

BOOST_AUTO_TEST_CASE(a_joining_worker_is_admitted_before_it_gets_a_plan) {
  Bench bench;
  bench.join("beta", bench.beta);
  const auto admit = bench.said<effect::Admit>().at(0);
  BOOST_TEST((admit.welcome.identity == Sender{2, 2, kTerm}));
  const auto plans = bench.said<effect::SendToWorker>();
  BOOST_TEST((std::get<PlanChanged>(plans.back().message).blocks == std::vector<Block>{{1, 1}}));
}

BOOST_AUTO_TEST_CASE(a_dead_local_worker_is_replaced_and_its_share_goes_to_others_within_the_budget) {
  Bench bench;
  bench.join("beta", bench.beta);
  bench.step(event::MemberGone{bench.beta, "exited"});
  BOOST_TEST(std::get<MemberLost>(bench.said<effect::SendToAggregators>().at(0).message).incarnation == 2U);
  BOOST_TEST(
      (std::get<PlanChanged>(bench.said<effect::SendToWorker>().at(0).message).blocks == std::vector<Block>{{2, 0}}));
  BOOST_TEST(bench.said<effect::RespawnWorker>().at(0).name == "beta");
  bench.step(event::MemberGone{bench.beta, "again"});
  BOOST_TEST(bench.effects.empty());
}

// SUP-1
BOOST_AUTO_TEST_CASE(the_validation_of_a_dead_worker_goes_to_another) {
  SupervisorSettings with = settings();
  with.failures.deaths_per_leaf_max = 3;
  Bench bench(with);
  bench.publish();
  bench.publish();
  BOOST_TEST(std::get<ValidationLease>(bench.said<effect::SendToWorker>().at(0).message).version == 2U);
  bench.step(event::MemberGone{bench.alpha, "exited"});
  bench.step(Late{0, 2, {{2, 0}}, false});  // the shard's answer
  bench.join("alpha", bench.beta);
  std::vector<Block> leased;
  for (const auto& sent : bench.said<effect::SendToWorker>()) {
    if (const auto* lease = std::get_if<ValidationLease>(&sent.message)) leased = lease->blocks;
  }
  BOOST_TEST((leased == std::vector<Block>{{1, 0}}));
}

// SUP-4
BOOST_AUTO_TEST_CASE(a_version_is_released_when_neither_validation_nor_checkpoint_needs_it) {
  Bench bench;
  bench.publish();
  bench.publish();
  BOOST_TEST(bench.said<effect::Release>().empty());
  bench.validate(2, 1.0);
  BOOST_TEST(bench.said<effect::Release>().empty());  // the best so far: its weights are being written
  BOOST_TEST((bench.said<effect::WriteCheckpoint>().at(0).kind == CheckpointKind::weights));
  bench.step(event::CheckpointDone{2, CheckpointKind::weights, "hash", ""});
  BOOST_TEST(bench.said<effect::Release>().at(0).release.version == 2U);
}

// SUP-2: versions 3 and 4 were out before the validation of 2 said stop.
BOOST_AUTO_TEST_CASE(an_early_stop_takes_effect_as_of_its_version) {
  SupervisorSettings with = settings();
  with.patience = 1;
  RunState from;
  from.validation.best = ValidationRecord{0, 0.5};
  Bench bench(with, from);
  for (int i = 0; i < 4; ++i) bench.publish();
  bench.validate(2, 1.0);
  BOOST_TEST(bench.said<effect::WriteCheckpoint>().at(0).state.version == 2U);
  bench.written(2);
  const auto end = bench.end();
  BOOST_REQUIRE(end.has_value());
  BOOST_TEST(end->state.version == 2U);
  BOOST_TEST(end->completed);
  BOOST_TEST(end->reason == "no better validation in 1 epochs; the best is version 0");
}

// SUP-2 across a crash: the checkpoint was on disk, the word that the run was over was not.
BOOST_AUTO_TEST_CASE(a_run_that_was_over_when_it_was_killed_is_over_at_once) {
  RunState from;
  from.version = 6;
  Bench bench(settings(), from);
  BOOST_REQUIRE(bench.end().has_value());
  BOOST_TEST(bench.end()->completed);
  SupervisorSettings with = settings();
  with.patience = 2;
  from.version = 4;
  from.validation.checks_without_better = 2;
  BOOST_TEST(Bench(with, from).end().has_value());
}

// SUP-3
BOOST_AUTO_TEST_CASE(a_checkpoint_waits_for_the_validations_up_to_it) {
  SupervisorSettings with = settings();
  with.checkpoint_every_rounds = 1;
  Bench bench(with);
  bench.publish();
  BOOST_TEST(bench.said<effect::WriteCheckpoint>().at(0).state.version == 1U);
  bench.publish();
  BOOST_TEST(bench.said<effect::WriteCheckpoint>().empty());
  bench.publish();
  BOOST_TEST(bench.said<effect::WriteCheckpoint>().empty());
  bench.validate(2, 1.5);
  const auto writes = bench.said<effect::WriteCheckpoint>();
  BOOST_REQUIRE(writes.size() == 2U);
  for (const auto& write : writes) BOOST_TEST(write.state.validation.latest->loss == 1.5);
  BOOST_TEST(writes[0].best);
  BOOST_TEST(!writes[1].best);
}

BOOST_AUTO_TEST_CASE(a_stop_brings_rounds_to_rest_and_follows_a_missed_cut) {
  Bench bench;
  bench.publish();
  bench.step(event::StopRequested{"interrupted"});
  BOOST_TEST(std::get<EndAt>(bench.said<effect::SendToWorker>().at(0).message).version == 1U);
  const CutAnnounced cut = std::get<CutAnnounced>(bench.said<effect::SendToAggregators>().at(0).message);
  BOOST_TEST(cut.version == 1U);
  bench.publish();  // was under way
  bench.step(CutMissed{0, 1, 2, cut.attempt});
  bench.accept_cut();
  bench.validate(2, 1.0);
  bench.written(2);
  BOOST_REQUIRE(bench.end().has_value());
  BOOST_TEST(bench.end()->state.version == 2U);
  BOOST_TEST(!bench.end()->completed);
  BOOST_TEST(!bench.end()->failed);
  BOOST_TEST(bench.end()->reason == "interrupted");
}

// SUP-5
BOOST_AUTO_TEST_CASE(a_leaf_that_kills_its_slots_ends_the_run_with_its_name) {
  Bench bench;
  const SlotFailed failed{bench.alpha, 0, true, {0, false, 1}, "segmentation fault"};
  bench.step(failed);
  BOOST_TEST(std::get<RestartSlot>(bench.said<effect::SendToWorker>().at(0).message).slot == 0U);
  bench.step(failed);
  BOOST_TEST(!bench.end().has_value());
  bench.accept_cut();
  bench.written(0);
  BOOST_REQUIRE(bench.end().has_value());
  BOOST_TEST(bench.end()->failed);
  const std::string sample = std::to_string(settings().shape.leaf_samples(0, 1).at(0));
  BOOST_TEST(bench.end()->reason == "node 1 (alpha), slot 0 died at round 0, leaf 1 (training samples " + sample +
                                        "): segmentation fault; this leaf has killed 2 slots");
}

// SUP-5: the slot that would have to finish the validation is the one that is gone.
BOOST_AUTO_TEST_CASE(a_failed_run_does_not_wait_for_its_last_validation) {
  Bench bench;
  for (int i = 0; i < 6; ++i) bench.publish();
  bench.validate(2, 1.0);
  bench.step(event::CheckpointDone{2, CheckpointKind::weights, "hash", ""});
  const SlotFailed failed{bench.alpha, 0, true, {6, true, 0}, "segmentation fault"};
  bench.step(failed);
  bench.step(failed);
  BOOST_REQUIRE(bench.end().has_value());
  BOOST_TEST(bench.end()->failed);
}

BOOST_AUTO_TEST_CASE(a_round_that_is_not_finite_stops_the_run_at_its_base_and_names_the_leaf) {
  Bench bench;
  bench.publish();
  bench.step(LeafNotFinite{bench.alpha, {1, false, 2}});
  bench.publish(Action::stop);
  bench.written(1);
  BOOST_REQUIRE(bench.end().has_value());
  BOOST_TEST(bench.end()->failed);
  BOOST_TEST(bench.end()->state.version == 1U);
  BOOST_TEST(bench.end()->reason.find("node 1 (alpha), round 1, leaf 2 (training samples") != std::string::npos);
  BOOST_TEST(bench.end()->reason.ends_with(
      "; go on with --resume --set policy.not_finite=skip, or train anew with a lower optimizer.learning_rate or an "
      "optimizer.clip_norm into another run.directory"));
}

// What a run does already is no advice.
BOOST_AUTO_TEST_CASE(a_run_that_skipped_what_was_not_finite_is_to_be_trained_anew) {
  SupervisorSettings with = settings();
  with.not_finite = NotFinitePolicy::skip;
  Bench bench(with);
  bench.publish(Action::stop);
  bench.written(0);
  BOOST_REQUIRE(bench.end().has_value());
  BOOST_TEST(bench.end()->reason.find("train anew") != std::string::npos);
  BOOST_TEST(bench.end()->reason.find("--resume") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_beyond_an_early_stop_does_not_count) {
  SupervisorSettings with = settings();
  with.patience = 1;
  RunState from;
  from.validation.best = ValidationRecord{0, 0.5};
  Bench bench(with, from);
  for (int i = 0; i < 3; ++i) bench.publish();
  bench.publish(Action::stop);
  BOOST_TEST(!bench.end().has_value());
  bench.validate(2, 1.0);
  bench.written(2);
  BOOST_REQUIRE(bench.end().has_value());
  BOOST_TEST(bench.end()->completed);
  BOOST_TEST(!bench.end()->failed);
}

BOOST_AUTO_TEST_CASE(a_voided_round_is_in_the_ledger_and_changes_no_count_of_updates) {
  Bench bench;
  bench.publish(Action::skip);
  const RunState& state = bench.supervisor.state();
  BOOST_TEST(state.version == 1U);
  BOOST_TEST(state.updates_applied == 0U);
  BOOST_TEST((state.ledger.voided() == std::vector<VoidedRound>{{1, 0, 0, 4}}));
}

BOOST_AUTO_TEST_CASE(a_run_whose_last_checkpoint_fails_says_so) {
  SupervisorSettings with = settings();
  with.shape.validation_samples = 0;
  Bench bench(with);
  for (int i = 0; i < 6; ++i) bench.publish();
  bench.written(6, "no space left");
  BOOST_REQUIRE(bench.end().has_value());
  BOOST_TEST(bench.end()->failed);
  BOOST_TEST(bench.end()->reason == "reached version 6; its checkpoint could not be written: no space left");
}

/// Validated at 2, 4 and 6, with the best at 2, whose weights end as `best` says.
effect::EndRun run_with_best(const event::CheckpointDone& best) {
  Bench bench;
  for (int i = 0; i < 6; ++i) bench.publish();
  bench.validate(2, 1.0);
  bench.step(best);
  bench.validate(4, 2.0);
  bench.validate(6, 3.0);
  bench.written(6);
  BOOST_REQUIRE(bench.end().has_value());
  BOOST_TEST(bench.end()->completed);
  return *bench.end();
}

BOOST_AUTO_TEST_CASE(a_run_whose_best_weights_are_lost_says_so) {
  BOOST_TEST(!run_with_best({2, CheckpointKind::weights, "hash", ""}).failed);
  const effect::EndRun end = run_with_best({2, CheckpointKind::weights, "", "no space left"});
  BOOST_TEST(end.failed);
  BOOST_TEST(end.reason == "reached version 6; the weights of its best version 2 could not be written: no space left");
}

BOOST_AUTO_TEST_CASE(best_weights_that_are_written_but_not_named_are_lost_too) {
  Bench bench;
  bench.publish();
  bench.publish();
  bench.validate(2, 1.0);
  const event::CheckpointDone unnamed{2, CheckpointKind::weights, "hash", "", "best is a directory"};
  bench.step(unnamed);
  const auto records = bench.said<effect::Record>();
  BOOST_REQUIRE(records.size() == 1U);
  BOOST_TEST((std::get<CheckpointWritten>(records[0].record).version == 2U));
  const effect::EndRun end = run_with_best(unnamed);
  BOOST_TEST(end.failed);
  BOOST_TEST(end.reason.find("best version 2 could not be written: best is a directory") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_full_checkpoint_of_a_lost_best_makes_up_for_it) {
  Bench bench;
  bench.publish();
  bench.publish();
  bench.validate(2, 1.0);
  bench.step(event::CheckpointDone{2, CheckpointKind::weights, "", "no space left"});
  bench.step(event::StopRequested{"interrupted"});
  bench.accept_cut();
  BOOST_TEST(bench.said<effect::WriteCheckpoint>().at(0).best);
  bench.written(2);
  BOOST_REQUIRE(bench.end().has_value());
  BOOST_TEST(!bench.end()->failed);
}

BOOST_AUTO_TEST_CASE(a_newer_best_makes_up_for_a_lost_one) {
  Bench bench;
  for (int i = 0; i < 6; ++i) bench.publish();
  bench.validate(2, 3.0);
  bench.step(event::CheckpointDone{2, CheckpointKind::weights, "", "no space left"});
  bench.validate(4, 1.0);
  bench.step(event::CheckpointDone{4, CheckpointKind::weights, "hash", ""});
  bench.validate(6, 2.0);
  bench.written(6);
  BOOST_REQUIRE(bench.end().has_value());
  BOOST_TEST(!bench.end()->failed);
  BOOST_TEST(bench.end()->reason == "reached version 6");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
