#include "tests/simulation/recorder.hpp"

#include <span>
#include <utility>

#include "runtime/storage/tensor_views.hpp"
#include "tests/simulation/head_process.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kCheckpointsKept = 2;
/// What is applied is in the journal after so long, at the latest.
constexpr Time kJournalWindow = milliseconds(100);
/// One checkpoint in so many is looked at with the eyes of a replay.
constexpr std::uint64_t kReplayed = 8;
/// About as many changes of the disk as a checkpoint costs: a crash may come at any of them.
constexpr std::uint64_t kChangesOfAWrite = 30;

}  // namespace

Recorder::Recorder(World& world, HeadProcess& head, storage::Journal journal, core::Term term)
    : world_(world),
      head_(head),
      journal_(std::move(journal)),
      checkpoints_(world.mutated(Mutation::unfenced_head) ? storage::CheckpointStore(world.disk)
                                                          : storage::CheckpointStore(world.disk, term)),
      term_(term) {}

void Recorder::write_later(Time duration, Write write) {
  writes_.emplace_back(duration, std::move(write));
  if (writes_.size() == 1) write_next();
}

void Recorder::write_next() {
  head_.after_work(writes_.front().first, [this] {
    writes_.front().second();
    writes_.pop_front();
    if (!writes_.empty()) write_next();
  });
}

void Recorder::lose_power() {
  if (writes_.empty()) return;
  world_.disk.crash_at(world_.dice.below(kChangesOfAWrite));
  writes_.front().second();
}

// ---- the journal

void Recorder::record(const core::JournalRecord& record) {
  const auto* update = std::get_if<core::UpdateApplied>(&record);
  const bool skipped = update != nullptr && world_.mutated(Mutation::update_not_journalled) && world_.dice.one_in(10);
  if (skipped || !journal_.append(record)) return;  // the disk has been full for so long that it takes no more
  is_durable_ = false;
  if (update == nullptr) return sync_soon();
  not_durable_.push_back(update->version);
  if (std::exchange(updates_wait_, true)) return;
  head_.after(world_.dice.time(Time(0), kJournalWindow), [this] {
    updates_wait_ = false;
    sync_soon();
  });
}

void Recorder::sync_soon() {
  if (std::exchange(journal_waits_, true)) return;
  write_later(world_.dice.time(Time(0), milliseconds(4)), [this] {
    journal_waits_ = false;
    sync_journal();
  });
}

bool Recorder::sync_journal() {
  if (is_durable_) return true;
  if (!journal_.sync()) {
    look_for_newer_head();
    return false;
  }
  is_durable_ = true;
  world_.checks.durable_write(term_, "its journal");
  for (const core::Version version : std::exchange(not_durable_, {})) world_.checks.durable(head_.timeline(), version);
  return true;
}

// It is asked only when something could not be written: the fence is what keeps the files right, not this. The
// supervisor hears of it before it hears that the write failed, or it would send its members away for good.
void Recorder::look_for_newer_head() {
  const auto newest = storage::read_term_file(world_.disk);
  if (newest && *newest > term_) head_.see_newer_term(head_.recorder_endpoint(), *newest);
}

// ---- checkpoints

void Recorder::begin_checkpoint(const core::supervisor_effect::WriteCheckpoint& request) {
  world_.checks.checkpoint(head_, request.state);
  const Key key{request.state.version, request.kind};
  gathering_[key].request = request;
  write_if_complete(key);
}

void Recorder::add_part(core::ShardId shard, core::Version version, core::CheckpointKind kind, CheckpointPart part) {
  gathering_[{version, kind}].parts[shard] = std::move(part);
  write_if_complete({version, kind});
}

void Recorder::write_if_complete(const Key& key) {
  const Gathering& gathering = gathering_.at(key);
  if (!gathering.request || gathering.parts.size() < world_.scenario.shards) return;
  write_later(world_.dice.time(milliseconds(1), milliseconds(world_.dice.one_in(5) ? 400 : 30)),
              [this, complete = gathering] { write_checkpoint(complete); });
  if (world_.mutated(Mutation::commit_before_durable)) {
    head_.to_supervisor(head_.recorder_endpoint(),
                        core::supervisor_event::CheckpointDone{key.first, key.second, "", ""});
  }
  gathering_.erase(key);
}

void Recorder::write_checkpoint(const Gathering& gathering) {
  const core::supervisor_event::CheckpointDone done = try_to_write(gathering);
  if (!done.failure.empty()) {
    world_.happened(Happening::write_failed);
    look_for_newer_head();
  }
  if (world_.log.wanted()) {
    head_.say("checkpoint " + std::to_string(done.version) + (done.failure.empty() ? " written" : ": " + done.failure));
  }
  head_.to_supervisor(head_.recorder_endpoint(), done);
}

core::supervisor_event::CheckpointDone Recorder::try_to_write(const Gathering& gathering) {
  const core::supervisor_effect::WriteCheckpoint& request = *gathering.request;
  Vector weights;
  std::vector<Vector> optimizer(core::state_vectors(world_.scenario.optimizer.kind));
  for (const auto& [shard, part] : gathering.parts) {
    weights.insert(weights.end(), part.weights.begin(), part.weights.end());
    for (std::size_t i = 0; i < optimizer.size(); ++i) {
      optimizer[i].insert(optimizer[i].end(), part.optimizer[i].begin(), part.optimizer[i].end());
    }
  }
  world_.checks.weights(head_.timeline(), request.state.version, 0, weights, "a checkpoint");
  if (!world_.mutated(Mutation::journal_behind_checkpoint) && !sync_journal()) {
    return {request.state.version, request.kind, "", "its journal could not be written", ""};
  }
  const std::vector<core::ManifestTensor> tensors = tensors_of(world_);
  const std::vector<std::span<const float>> state_spans(optimizer.begin(), optimizer.end());
  const std::vector<storage::Tensor> weight_views = storage::tensor_views(tensors, weights);
  const std::vector<storage::Tensor> optimizer_views =
      optimizer.empty() ? std::vector<storage::Tensor>{}
                        : storage::optimizer_views(world_.scenario.optimizer.kind, tensors, state_spans);
  storage::CheckpointContents contents;
  contents.state = {
      request.kind,         kRunId,        term_,        core::to_string(head_.supervisor().core().policy()),
      world_.scenario.seed, kConfigSha256, request.state};
  if (world_.mutated(Mutation::forget_validation)) contents.state.run.validation = {};
  contents.weights = weight_views;
  contents.optimizer = optimizer_views;
  if (world_.mutated(Mutation::checkpoint_not_synced)) world_.disk.lose_syncs(true);
  const auto written = checkpoints_.write(contents);
  if (world_.mutated(Mutation::checkpoint_not_synced)) world_.disk.lose_syncs(false);
  const core::Version version = request.state.version;
  if (written) {
    world_.checks.durable_write(term_, "a checkpoint");
    if (world_.dice.one_in(kReplayed)) world_.checks.replays(head_.timeline(), version);
  }
  if (!written) return {version, request.kind, "", written.error().message};
  core::supervisor_event::CheckpointDone done{version, request.kind, written->weights_sha256, ""};
  if (request.best) {
    if (auto named = checkpoints_.set_best(version); !named) done.best_failure = named.error().message;
  }
  if (world_.mutated(Mutation::best_overwritten_by_older)) {
    static_cast<void>(checkpoints_.set_best(checkpoints_.list()->front().version));
  }
  // It spares what `best` names.
  if (done.best_failure.empty()) static_cast<void>(checkpoints_.retain(kCheckpointsKept));
  return done;
}

}  // namespace fulmar::simulation
