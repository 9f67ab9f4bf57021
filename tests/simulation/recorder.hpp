// The one part of a head that writes into the run directory: the journal and the checkpoints, one write after the
// other, each of which takes its time. A failing disk costs a message; a newer head's term ends this head.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/core/supervisor.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/journal.hpp"
#include "tests/simulation/datagram.hpp"

namespace fulmar::simulation {

struct World;
class HeadProcess;

/// A shard's extent of a version.
struct CheckpointPart {
  Vector weights;
  std::vector<Vector> optimizer;
};

class Recorder {
 public:
  Recorder(World& world, HeadProcess& head, storage::Journal journal, core::Term term);

  void record(const core::JournalRecord& record);
  void begin_checkpoint(const core::supervisor_effect::WriteCheckpoint& request);
  void add_part(core::ShardId shard, core::Version version, core::CheckpointKind kind, CheckpointPart part);
  /// The machine goes off: what is being written may be torn.
  void lose_power();
  /// Whether all that was asked for is on the disk, or could not be brought there.
  bool idle() const { return writes_.empty() && gathering_.empty(); }

 private:
  using Key = std::pair<core::Version, core::CheckpointKind>;
  struct Gathering {
    std::optional<core::supervisor_effect::WriteCheckpoint> request;
    std::map<core::ShardId, CheckpointPart> parts;
  };
  using Write = std::function<void()>;

  void write_later(Time duration, Write write);
  void write_next();
  void sync_soon();
  /// True: all that was recorded is on the disk.
  bool sync_journal();
  void write_if_complete(const Key& key);
  void write_checkpoint(const Gathering& gathering);
  core::supervisor_event::CheckpointDone try_to_write(const Gathering& gathering);
  void look_for_newer_head();

  World& world_;
  HeadProcess& head_;
  storage::Journal journal_;
  storage::CheckpointStore checkpoints_;
  core::Term term_;
  std::map<Key, Gathering> gathering_;
  std::deque<std::pair<Time, Write>> writes_;  // the first is under way
  bool is_durable_ = true;                     // all that was recorded is on the disk
  bool journal_waits_ = false;                 // for a sync that is among the writes
  bool updates_wait_ = false;                  // for a sync that is to be asked for soon
  std::vector<core::Version> not_durable_;     // that have an update in the journal, which is not on the disk
};

}  // namespace fulmar::simulation
