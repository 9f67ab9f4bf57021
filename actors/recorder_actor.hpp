// The recorder: the one actor that writes to the run directory. It keeps the journal, puts checkpoints together from
// the shards' slices and writes them, and appends to metrics.jsonl and events.jsonl. A failing disk costs a message,
// never the run; a newer head in the directory ends it: what fails then is told once, as Superseded. Records are made
// durable at once, but for updates, of which there may be thousands in a second: those within kJournalWindow. Thread
// rule: a detached actor.
//
// RECORD-1: no checkpoint is written before every update that went into it is durable in the journal.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/line_file.hpp"
#include "actors/mail.hpp"
#include "actors/run_context.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/journal.hpp"

namespace fulmar::actors {

inline constexpr std::string_view kMetricsFile = "metrics.jsonl";
inline constexpr std::string_view kEventsFile = "events.jsonl";

/// The loss window of an asynchronous run: a head that is killed loses the updates of the last so long, which are
/// computed anew; where the recorder was writing a checkpoint, also those since that was begun. Events are written as
/// often.
inline constexpr core::Time kJournalWindow = std::chrono::milliseconds(100);

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
  void flush_due();
  /// Makes the journal durable, and writes the events that wait.
  void flush();
  void add_metrics(const MetricsLine& line) { append(metrics_, line.json + "\n"); }
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
  Result<void> sync_journal();
  void flush_soon();
  void remove_old();
  /// What went wrong; empty: `best` names the version.
  std::string name_best(core::Version version);
  struct Lines {
    LineFile file;
    bool failed = false;  // told, until the file works again
  };
  void append(Lines& to, std::string text);
  /// Whether the directory is another head's by now. Tells the supervisor when it learns of it.
  bool is_superseded();
  void trouble(const Error& error);
  /// Counted each time, and told once until it works again.
  void failed(bool& was_told, const Error& error);

  caf::event_based_actor* self_;
  std::shared_ptr<const RunContext> context_;
  storage::Storage& storage_;
  std::shared_ptr<storage::Journal> journal_;
  storage::CheckpointStore checkpoints_;
  caf::actor supervisor_;
  std::map<std::pair<core::Version, core::CheckpointKind>, Gathering> gathering_;
  Lines metrics_;
  Lines events_;
  std::string event_lines_;    // that wait to be written together
  bool updates_wait_ = false;  // in the journal, and not durable
  bool flush_due_ = false;     // a FlushDue is on its way
  bool journal_failed_ = false;
  bool superseded_ = false;
};

struct RecorderState {
  std::unique_ptr<RecorderShell> shell;
};
using RecorderActor = caf::stateful_actor<RecorderState>;

caf::behavior recorder_actor(RecorderActor* self, std::shared_ptr<const RunContext> context, RecorderStart start,
                             caf::actor supervisor);

}  // namespace fulmar::actors
