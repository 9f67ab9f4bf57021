// The recorder: the one actor that writes to the run directory. It keeps the journal, puts checkpoints together from
// the shards' slices and writes them, and appends to metrics.jsonl. A failing disk costs a message, never the run; a
// newer head in the directory ends it: what fails then is told once, as Superseded. Thread rule: a detached actor.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/mail.hpp"
#include "actors/run_context.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/journal.hpp"

namespace fulmar::actors {

inline constexpr std::string_view kMetricsFile = "metrics.jsonl";

/// What the recorder takes over from the opened run.
struct RecorderStart {
  storage::Storage* storage = nullptr;
  std::shared_ptr<storage::Journal> journal;
};

class RecorderShell {
 public:
  RecorderShell(caf::event_based_actor* self, std::shared_ptr<const RunContext> context, RecorderStart start,
                caf::actor supervisor);

  void record(const RecordMail& mail);
  void add_metrics(const MetricsLine& line);
  void begin_checkpoint(CheckpointMail mail);
  void add_slice(CheckpointSlice slice);
  /// Tells the supervisor if the directory is another head's by now.
  void look_at_fence() { is_superseded(); }

 private:
  struct Gathering {
    std::optional<CheckpointMail> request;
    std::vector<CheckpointSlice> slices;
  };

  void write_if_complete(const std::pair<core::Version, core::CheckpointKind>& key);
  Result<storage::CheckpointInfo> write(const CheckpointMail& request, std::vector<CheckpointSlice> slices);
  void remove_old();
  /// What went wrong; empty: `best` names the version.
  std::string name_best(core::Version version);
  Result<void> append_metrics(std::string text);
  /// Whether the directory is another head's by now. Tells the supervisor when it learns of it.
  bool is_superseded();
  void trouble(const Error& error);

  caf::event_based_actor* self_;
  std::shared_ptr<const RunContext> context_;
  storage::Storage& storage_;
  std::shared_ptr<storage::Journal> journal_;
  storage::CheckpointStore checkpoints_;
  caf::actor supervisor_;
  std::map<std::pair<core::Version, core::CheckpointKind>, Gathering> gathering_;
  std::unique_ptr<storage::OutputFile> metrics_;
  bool metrics_failed_ = false;
  bool superseded_ = false;
};

struct RecorderState {
  std::unique_ptr<RecorderShell> shell;
};
using RecorderActor = caf::stateful_actor<RecorderState>;

caf::behavior recorder_actor(RecorderActor* self, std::shared_ptr<const RunContext> context, RecorderStart start,
                             caf::actor supervisor);

}  // namespace fulmar::actors
