#include "actors/recorder_actor.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <variant>

#include <caf/all.hpp>

#include "actors/exit_reason.hpp"
#include "actors/mailbox_length.hpp"
#include "runtime/storage/tensor_views.hpp"
#include "runtime/storage/term_fence.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::actors {
namespace {

bool is_update(const core::JournalRecord& record) {
  return std::holds_alternative<core::UpdateApplied>(record);
}

}  // namespace

RecorderShell::RecorderShell(caf::event_based_actor* self, std::shared_ptr<const RunContext> context,
                             RecorderStart start, caf::actor supervisor)
    : self_(self),
      context_(std::move(context)),
      storage_(*start.storage),
      journal_(std::move(start.journal)),
      checkpoints_(storage_, context_->term),
      supervisor_(std::move(supervisor)),
      metrics_{LineFile(storage_, std::string(kMetricsFile))},
      events_{LineFile(storage_, std::string(kEventsFile))} {}

void RecorderShell::trouble(const Error& error) {
  if (!is_superseded()) self_->send(supervisor_, Trouble{error.message});
}

bool RecorderShell::is_superseded() {
  if (superseded_) return true;
  const Result<core::Term> newest = storage::read_term_file(storage_);
  if (!newest || *newest <= context_->term) return false;
  superseded_ = true;
  self_->send(supervisor_, SupervisorMail{core::supervisor_event::Superseded{*newest}});
  return true;
}

void RecorderShell::record(const RecordMail& mail) {
  for (const core::JournalRecord& record : mail.records) {
    if (const Result<void> appended = journal_->append(record); !appended) failed(journal_failed_, appended.error());
  }
  const auto updates = std::count_if(mail.records.begin(), mail.records.end(), is_update);
  updates_wait_ = updates_wait_ || updates > 0;
  if (updates < std::ssize(mail.records)) (void)sync_journal();
  event_lines_ += mail.event_lines;
  if (updates_wait_ || !event_lines_.empty()) flush_soon();
}

void RecorderShell::flush_soon() {
  if (!std::exchange(flush_due_, true)) self_->delayed_send(self_, kJournalWindow, FlushDue{});
}

void RecorderShell::flush_due() {
  flush_due_ = false;
  flush();
  if (updates_wait_) flush_soon();
}

void RecorderShell::flush() {
  if (updates_wait_) (void)sync_journal();
  if (!event_lines_.empty()) append(events_, std::exchange(event_lines_, {}));
}

Result<void> RecorderShell::sync_journal() {
  Result<void> synced = journal_->sync();
  if (synced) {
    updates_wait_ = false;
    journal_failed_ = false;
  } else {
    failed(journal_failed_, synced.error());
  }
  self_->send(supervisor_, JournalGrew{journal_->bytes(), queued(*self_)});
  return synced;
}

void RecorderShell::failed(bool& was_told, const Error& error) {
  self_->send(supervisor_, StorageFailed{});
  if (!std::exchange(was_told, true)) trouble(error);
}

void RecorderShell::append(Lines& to, std::string text) {
  if (is_superseded()) return;
  const Result<void> appended = to.file.append(std::move(text));
  if (!appended) failed(to.failed, appended.error());
  to.failed = !appended;
}

void RecorderShell::begin_checkpoint(CheckpointMail mail) {
  const std::pair key{mail.state.version, mail.kind};
  gathering_[key].request = std::move(mail);
  write_if_complete(key);
}

void RecorderShell::add_slice(CheckpointSlice slice) {
  const std::pair key{slice.version, slice.kind};
  gathering_[key].slices.push_back(std::move(slice));
  write_if_complete(key);
}

void RecorderShell::write_if_complete(const std::pair<core::Version, core::CheckpointKind>& key) {
  Gathering& gathering = gathering_[key];
  if (!gathering.request || gathering.slices.size() < context_->shards.shards()) return;
  const CheckpointMail request = std::move(*gathering.request);
  std::vector<CheckpointSlice> slices = std::move(gathering.slices);
  gathering_.erase(key);

  const auto begin = std::chrono::steady_clock::now();
  const Result<storage::CheckpointInfo> written = write(request, std::move(slices));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  CheckpointAnswer answer{{key.first, key.second, "", ""}, seconds.count(), 0};
  if (written) {
    answer.done.weights_sha256 = written->weights_sha256;
    answer.bytes = written->bytes;
    answer.done.best_failure = request.best ? name_best(key.first) : "";
    if (answer.done.best_failure.empty()) remove_old();  // it spares what `best` names
  } else {
    answer.done.failure = written.error().message;
  }
  const bool failed = !answer.done.failure.empty() || !answer.done.best_failure.empty();
  if (failed && is_superseded()) return;
  self_->send(supervisor_, std::move(answer));
}

void RecorderShell::remove_old() {
  if (const Result<void> removed = checkpoints_.retain(context_->checkpoints_kept); !removed) trouble(removed.error());
}

std::string RecorderShell::name_best(core::Version version) {
  const Result<void> named = checkpoints_.set_best(version);
  return named ? "" : named.error().message;
}

Result<storage::CheckpointInfo> RecorderShell::write(const CheckpointMail& request,
                                                     std::vector<CheckpointSlice> slices) {
  if (updates_wait_) {  // RECORD-1
    if (const Result<void> synced = sync_journal(); !synced) {
      return Error{"the updates before it are not in the journal: " + synced.error().message};
    }
  }
  std::sort(slices.begin(), slices.end(), [](const auto& a, const auto& b) { return a.shard < b.shard; });
  std::vector<SharedBuffer> extents;
  for (const CheckpointSlice& slice : slices) extents.push_back(slice.weights);
  const SharedBuffer weights = whole_of(*context_, extents);
  std::vector<SharedBuffer> optimizer;
  for (std::size_t vector = 0; vector < slices.front().optimizer.size(); ++vector) {
    extents.clear();
    for (const CheckpointSlice& slice : slices) extents.push_back(slice.optimizer[vector]);
    optimizer.push_back(whole_of(*context_, extents));
  }

  const core::Manifest& manifest = context_->manifest;
  std::vector<std::span<const float>> optimizer_spans;
  for (const SharedBuffer& vector : optimizer) optimizer_spans.push_back(vector->values());
  const std::vector<storage::Tensor> weight_tensors = storage::tensor_views(manifest.tensors, weights->values());
  const std::vector<storage::Tensor> optimizer_tensors =
      optimizer.empty() ? std::vector<storage::Tensor>{}
                        : storage::optimizer_views(context_->optimizer.kind, manifest.tensors, optimizer_spans);
  storage::CheckpointContents contents;
  contents.state = {request.kind,  manifest.run_id,        context_->term, request.policy,
                    manifest.seed, manifest.config_sha256, request.state};
  contents.weights = weight_tensors;
  contents.optimizer = optimizer_tensors;

  return checkpoints_.write(contents);
}

caf::behavior recorder_actor(RecorderActor* self, std::shared_ptr<const RunContext> context, RecorderStart start,
                             caf::actor supervisor) {
  self->set_exception_handler(exit_reason_of);
  self->monitor(supervisor);  // nobody outlives the supervisor
  self->set_down_handler([self](const caf::down_msg&) {
    self->state.shell->flush();
    self->quit();
  });
  self->state.shell =
      std::make_unique<RecorderShell>(self, std::move(context), std::move(start), std::move(supervisor));
  return {[self](const RecordMail& mail) { self->state.shell->record(mail); },
          [self](const MetricsLine& line) { self->state.shell->add_metrics(line); },
          [self](CheckpointMail& mail) { self->state.shell->begin_checkpoint(std::move(mail)); },
          [self](CheckpointSlice& slice) { self->state.shell->add_slice(std::move(slice)); },
          [self](const LookAtFence&) { self->state.shell->look_at_fence(); },
          [self](const FlushDue&) { self->state.shell->flush_due(); },
          [self](const Finish&) {
            self->state.shell->flush();
            self->quit();
          }};
}

}  // namespace fulmar::actors
