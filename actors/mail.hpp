// The messages that Fulmar's actors exchange inside a process: an event of the receiver's state machine, and the
// buffers that travel beside it. Buffers are handed on, never copied.
// Thread rule: values; a buffer in a mail belongs to the receiver unless it is a SharedBuffer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include "actors/port.hpp"
#include "actors/round_clock.hpp"
#include "runtime/core/aggregator.hpp"
#include "runtime/core/supervisor.hpp"
#include "runtime/core/worker.hpp"
#include "runtime/memory/buffer_pool.hpp"

namespace fulmar::actors {

/// What a slot made of a job.
struct JobOutcome {
  MutableBuffer vector;  ///< gradient, combine
  double loss_sum = 0;   ///< of the block
  double weight_sum = 0;
  bool finite = true;
  std::vector<std::uint64_t> digests;  ///< by shard, when the job asked for them
  std::vector<core::LeafLoss> losses;  ///< validate: in leaf order
};

/// To a slot.
struct SlotMail {
  core::Job job;
  SharedBuffer weights;    ///< gradient, validate
  JobOutcome left, right;  ///< combine
};

/// To a worker.
struct WorkerMail {
  core::WorkerEvent event;
  JobOutcome outcome;  ///< JobDone
  SharedBuffer slice;  ///< VersionSlice: the shard's extent, or everything when there is one shard
};

/// To an aggregator.
struct AggregatorMail {
  core::AggregatorEvent event;
  /// BlockPushed: the whole vector, of which each shard uses its own extent only; or, from another process, the extent.
  MutableBuffer vector;
  PortTo<WorkerMail> worker;  ///< MemberAdmitted
};
/// Send what is pinned as `version` to the recorder.
struct DeliverPinned {
  core::Version version = 0;
  core::CheckpointKind kind = core::CheckpointKind::full;
};

/// To the supervisor.
struct SupervisorMail {
  core::SupervisorEvent event;
};

/// What a member sent was not used; the reason is from a small fixed set.
struct MessageDropped {
  std::string reason;
};

/// What the recorder did with a checkpoint.
struct CheckpointAnswer {
  core::supervisor_event::CheckpointDone done;
  double seconds = 0;
  std::uint64_t bytes = 0;
};
/// The journal could not be written, or some other thing that a user should hear of although the run goes on.
struct Trouble {
  std::string message;
};
/// The journal or another file could not be written: told each time, where Trouble is told once.
struct StorageFailed {};
struct JournalGrew {
  std::uint64_t bytes = 0;   ///< of the whole journal
  std::uint64_t queued = 0;  ///< messages that wait for the recorder
};
/// The lead shard has published a version; where its time went.
struct LeadPublished {
  core::ShardPublished published;
  RoundTimes times;
  std::uint64_t queued = 0;  ///< messages that wait for the lead shard
};

/// To the recorder.
struct RecordMail {
  std::vector<core::JournalRecord> records;
  std::string event_lines;  ///< for events.jsonl, each with its end
};
struct CheckpointMail {
  core::CheckpointKind kind = core::CheckpointKind::full;
  core::RunState state;
  std::string policy;  ///< in force from this version on
  bool best = false;
};
struct CheckpointSlice {
  core::Version version = 0;
  core::CheckpointKind kind = core::CheckpointKind::full;
  core::ShardId shard = 0;
  SharedBuffer weights;
  std::vector<SharedBuffer> optimizer;
};
/// A line for metrics.jsonl.
struct MetricsLine {
  std::string json;
};
/// To the recorder: somebody says that there is a newer head. What the run directory says counts.
struct LookAtFence {};
/// To the recorder: nothing more will come; it ends when all before this is written.
struct Finish {};

/// What actors send themselves, later.
struct BeatDue {};
struct TickDue {};
struct FlushDue {};

}  // namespace fulmar::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::SlotMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::WorkerMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::AggregatorMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::DeliverPinned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::SupervisorMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::MessageDropped)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::CheckpointAnswer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::Trouble)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::JournalGrew)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::RecordMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::CheckpointMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::CheckpointSlice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::MetricsLine)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::StorageFailed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::LeadPublished)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::LookAtFence)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::Finish)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::BeatDue)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::TickDue)
