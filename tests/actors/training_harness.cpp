#include "tests/actors/training_harness.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <utility>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include "actors/exit_reason.hpp"
#include "actors/supervisor_start.hpp"
#include "runtime/core/vector_arithmetic.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/posix_storage.hpp"
#include "runtime/storage/tensor_views.hpp"
#include "runtime/vocabulary/random.hpp"

namespace fulmar::actors::testing {
namespace {

constexpr std::size_t kFloats = 3 * core::kChunkFloats + 160;  // four chunks, the last one short
constexpr auto kRunLimit = std::chrono::seconds(120);

/// A gradient that depends on every weight, every sample and the version; its sum depends on the order of addition.
class SyntheticComputation final : public Computation {
 public:
  SyntheticComputation(const core::RunShape& shape, std::shared_ptr<Faults> faults, std::shared_ptr<Pace> pace)
      : shape_(shape), faults_(std::move(faults)), pace_(std::move(pace)) {}

  LeafResult gradient(std::span<const float> weights, core::Unit unit, std::uint64_t leaf,
                      std::span<float> gradient) override {
    if (pace_) pace_->wait_for(unit);
    const std::optional<Fault> fault = fail_if_due({unit, false, leaf});
    LeafResult result;
    std::fill(gradient.begin(), gradient.end(), 0.0F);
    for (const std::uint64_t sample : shape_.leaf_samples(unit, leaf)) {
      const RandomStream stream(shape_.seed, Purpose::simulation, unit, sample);
      bits_.resize(gradient.size());
      stream.fill(0, bits_);
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        const float target = static_cast<float>(bits_[i] >> 8U) * 0x1p-24F;
        gradient[i] += weights[i] - target;
      }
      result.loss_sum += weights[sample] * weights[sample];
      result.weight_sum += 1;
    }
    if (fault == Fault::not_finite) gradient[17] = std::numeric_limits<float>::quiet_NaN();
    result.finite = core::all_finite(gradient);
    return result;
  }

  LeafResult validation_loss(std::span<const float> weights, std::uint64_t leaf) override {
    fail_if_due({0, true, leaf});
    const double weight = weights[leaf];
    return {weight * weight, 1, true};
  }

 private:
  std::optional<Fault> fail_if_due(const core::LeafId& leaf) {
    const std::optional<Fault> fault = faults_->next(leaf);
    if (fault == Fault::throws) throw std::runtime_error("the loader found a hole in the tape");
    return fault;
  }

  core::RunShape shape_;
  std::shared_ptr<Faults> faults_;
  std::shared_ptr<Pace> pace_;
  std::vector<std::uint32_t> bits_;
};

class Watcher final : public RunObserver {
 public:
  Watcher(const RunOptions& options, RunResult& result) : options_(options), result_(result) {}
  void watch(const caf::actor& supervisor) { supervisor_.set_value(supervisor); }

  void on_round(const core::RunState& state, const core::Verdict& verdict, std::uint64_t, double) override {
    result_.verdicts[state.version] = verdict;
    if (options_.on_version) options_.on_version(state.version);
    if (const auto wanted = options_.switches.find(state.version); wanted != options_.switches.end()) {
      if (!to_supervisor_) to_supervisor_ = supervisor_.get_future().get();
      caf::anon_send(to_supervisor_,
                     SupervisorMail{core::supervisor_event::PolicyRequested{wanted->second, "the test wants it"}});
    }
    if (options_.pace) options_.pace->saw(state.version);
  }
  void on_dropped_message(const std::string& reason) override { ++result_.dropped_pushes[reason]; }
  void on_trouble(const std::string& message) override { BOOST_TEST_ERROR(message); }

 private:
  const RunOptions& options_;
  RunResult& result_;
  std::promise<caf::actor> supervisor_;
  caf::actor to_supervisor_;
};

void load_newest(storage::CheckpointStore& store, const RunContext& context, TrainingStart& start) {
  const Result<storage::NewestGood> newest = store.load_newest_good();
  BOOST_REQUIRE(newest.ok());
  if (!newest->checkpoint) return;
  const storage::LoadedCheckpoint& checkpoint = *newest->checkpoint;
  start.state = checkpoint.state.run;
  std::vector<std::span<float>> optimizer;
  for (const MutableBuffer& vector : start.optimizer) optimizer.push_back(vector->values());
  BOOST_REQUIRE(
      storage::copy_tensors(checkpoint.weights.tensors, context.manifest.tensors, start.weights->values(), "weights")
          .ok());
  BOOST_REQUIRE(storage::copy_optimizer(context.optimizer.kind, checkpoint.optimizer.tensors, context.manifest.tensors,
                                        optimizer, "optimizer")
                    .ok());
}

Result<TrainingOutcome> train_on_actors(TrainingStart start, const MakeWorker& make_worker, Watcher& watcher) {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", 1);
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  const std::shared_ptr<const RunContext> context = start.context;
  std::optional<HeadGate> gate;
  if (start.transport) gate.emplace(context, start.transport);
  SupervisorStart supervisor =
      supervisor_start(std::move(start), gate ? &*gate : nullptr, caf::actor_cast<caf::actor>(self));
  if (make_worker) supervisor.make_worker = make_worker;
  watcher.watch(self->spawn<caf::monitored>(supervisor_actor, context, std::move(supervisor)));
  Result<TrainingOutcome> outcome = Error{"the supervisor ended without a word"};
  self->receive([&](const TrainingOutcome& over) { outcome = over; },
                [&](const caf::down_msg& down) { outcome = Error{"the supervisor died: " + cause_of(down.reason)}; },
                caf::after(kRunLimit) >> [] { BOOST_FAIL("the run did not end in time"); });
  return outcome;
}

}  // namespace

std::shared_ptr<RunContext> context_of(const RunOptions& options) {
  auto context = std::make_shared<RunContext>();
  // 21 samples: the last round of an epoch has 5 of 8 leaves.
  context->shape = {7, 21, 5, 1, 8};
  context->manifest.run_id = "0123456789abcdef0123456789abcdef";
  context->manifest.seed = context->shape.seed;
  context->manifest.tensors = {{"weight", {kFloats}, 0, kFloats}};
  context->optimizer.kind = core::OptimizerKind::adam;
  context->optimizer.remedies = options.remedies;
  context->verdict_rule.not_finite = options.not_finite;
  context->shards = core::ShardMap(kFloats, options.shards);
  context->computation = [shape = context->shape, faults = options.faults, pace = options.pace] {
    return std::make_unique<SyntheticComputation>(shape, faults, pace);
  };
  core::SupervisorSettings& supervision = context->supervision;
  supervision.shape = context->shape;
  supervision.shards = options.shards;
  supervision.end_version = options.epochs * context->shape.rounds_per_epoch();
  supervision.patience = options.patience;
  supervision.checkpoint_every_rounds = options.checkpoint_every_rounds;
  supervision.not_finite = options.not_finite;
  supervision.failures = options.limits;
  supervision.policy = options.policy;
  return context;
}

MutableBuffer zeros() {
  auto buffer = std::make_shared<Buffer>(kFloats);
  std::fill(buffer->values().begin(), buffer->values().end(), 0.0F);
  return buffer;
}

void Faults::add(const core::LeafId& leaf, Fault fault, int times) {
  entries_.push_back({leaf, fault, times});
}

std::optional<Fault> Faults::next(const core::LeafId& leaf) {
  const std::lock_guard lock(mutex_);
  const auto due = std::find_if(entries_.begin(), entries_.end(),
                                [&](const Entry& entry) { return entry.leaf == leaf && entry.times > 0; });
  if (due == entries_.end()) return std::nullopt;
  --due->times;
  return due->fault;
}

void Pace::saw(core::Version version) {
  const std::lock_guard lock(mutex_);
  seen_ = version;
  changed_.notify_all();
}

void Pace::wait_for(core::Version version) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kRunLimit, [&] { return seen_ >= version; })) {
    throw std::runtime_error("version " + std::to_string(version) + " was not seen in time");
  }
}

ScratchDirectory::ScratchDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "fulmar-test-XXXXXX").string();
  BOOST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

namespace {

/// What the journal has beyond the checkpoint that the run starts from is recomputed first.
void take_up(const core::RunHistory& history, RunContext& context, const TrainingStart& start) {
  const core::Version end = history.durable_end(start.state.version);
  context.supervision.policy = history.policy_at(end);
  if (end == start.state.version) return;
  context.supervision.order = std::make_shared<const core::PrescribedOrder>(history.order(start.state.version, end));
}

}  // namespace

RunResult run(const RunOptions& options) {
  std::optional<ScratchDirectory> scratch;
  if (options.directory.empty()) scratch.emplace();
  storage::PosixStorage storage(scratch ? scratch->path() : options.directory);
  storage::CheckpointStore store(storage);
  BOOST_REQUIRE(store.recover().ok());
  Result<storage::OpenedJournal> journal = storage::Journal::open(storage);
  BOOST_REQUIRE(journal.ok());

  RunResult result;
  Watcher watcher(options, result);
  const std::shared_ptr<RunContext> context = context_of(options);
  TrainingStart start;
  start.context = context;
  start.weights = zeros();
  start.optimizer = {zeros(), zeros()};
  start.storage = &storage;
  load_newest(store, *context, start);
  const Result<core::RunHistory> history = core::read_history(journal->records, options.policy);
  BOOST_REQUIRE_MESSAGE(history.ok(), (history.ok() ? "" : history.error().message));
  take_up(options.prescribed.policies.empty() ? *history : options.prescribed, *context, start);
  const core::Version begin = context->supervision.order ? context->supervision.order->end() : start.state.version;
  const Result<core::Term> term = storage::raise_term(journal->journal, journal->records, begin);
  BOOST_REQUIRE(term.ok());
  context->term = context->supervision.term = *term;
  start.journal = std::make_shared<storage::Journal>(std::move(journal->journal));
  start.slots = options.slots;
  start.observers = {&watcher};
  if (options.listen) start.transport = options.listen(*context);
  const Result<TrainingOutcome> outcome = options.through_train
                                              ? train(std::move(start), [](const RequestStop&) {})
                                              : train_on_actors(std::move(start), options.make_worker, watcher);
  if (outcome) result.outcome = *outcome;
  if (!outcome) result.failure = outcome.error().message;

  if (const Result<std::optional<core::Version>> latest = store.latest(); latest && *latest) {
    const Result<storage::LoadedCheckpoint> checkpoint = store.load(**latest);
    BOOST_REQUIRE(checkpoint.ok());
    result.checkpoint_version = **latest;
    result.weights_digest = core::digest(checkpoint->weights.tensors.front().values);
  }
  const Result<storage::JournalContents> written = storage::read_journal(storage);
  BOOST_REQUIRE(written.ok());
  result.journal = written->records;
  return result;
}

}  // namespace fulmar::actors::testing
