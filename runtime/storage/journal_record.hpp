// What the journal says: one struct for each kind of record.
//
// Format of a record: a compact JSON object with "type" and the members below, named as the fields are. Numbers are
// JSON numbers; a loss that is not finite is "nan", "inf" or "-inf".
//
//   run_started         run_id, config_sha256                  the first record of a journal
//   term_started        term, version                          a head started and goes on from this version
//   plan_changed        term, number, from_version, holders    who holds which blocks, from this round on
//   validation_done     version, loss
//   checkpoint_written  version, kind, weights_sha256          after the checkpoint is durable
//   checkpoint_failed   version, reason                        the run goes on without it
//   round_voided        version, epoch, first_position, samples
//   node_failed         node, incarnation, cause
//   slot_failed         node, slot, leaf, cause
//   decision_made       version, decision, reason              an early stop, a quarantine, …
//   run_ended           version, reason
//
// New kinds and new members may come; a member never changes its meaning.
// Thread rule: plain values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "runtime/core/identity.hpp"
#include "runtime/storage/checkpoint_state.hpp"

namespace fulmar::storage {

struct RunStarted {
  std::string run_id;
  std::string config_sha256;
  bool operator==(const RunStarted&) const = default;
};

struct TermStarted {
  core::Term term = 0;
  core::Version version = 0;  ///< resumed from
  bool operator==(const TermStarted&) const = default;
};

struct PlanChanged {
  core::Term term = 0;
  std::uint64_t number = 0;
  core::Version from_version = 0;
  std::string holders;  ///< for people: "node 0: (2,0); node 1: (2,1)"
  bool operator==(const PlanChanged&) const = default;
};

struct ValidationDone {
  core::Version version = 0;
  double loss = 0;
  bool operator==(const ValidationDone&) const = default;
};

struct CheckpointWritten {
  core::Version version = 0;
  CheckpointKind kind = CheckpointKind::full;
  std::string weights_sha256;
  bool operator==(const CheckpointWritten&) const = default;
};

struct CheckpointFailed {
  core::Version version = 0;
  std::string reason;
  bool operator==(const CheckpointFailed&) const = default;
};

struct RoundVoided {
  core::Version version = 0;
  std::uint64_t epoch = 0;
  std::uint64_t first_position = 0;
  std::uint64_t samples = 0;
  bool operator==(const RoundVoided&) const = default;
};

struct NodeFailed {
  core::NodeId node = 0;
  core::Incarnation incarnation = 0;
  std::string cause;
  bool operator==(const NodeFailed&) const = default;
};

struct SlotFailed {
  core::NodeId node = 0;
  core::SlotId slot = 0;
  std::uint64_t leaf = 0;
  std::string cause;
  bool operator==(const SlotFailed&) const = default;
};

struct DecisionMade {
  core::Version version = 0;
  std::string decision;
  std::string reason;
  bool operator==(const DecisionMade&) const = default;
};

struct RunEnded {
  core::Version version = 0;
  std::string reason;
  bool operator==(const RunEnded&) const = default;
};

using JournalRecord = std::variant<RunStarted, TermStarted, PlanChanged, ValidationDone, CheckpointWritten,
                                   CheckpointFailed, RoundVoided, NodeFailed, SlotFailed, DecisionMade, RunEnded>;

/// One line of JSON, without its end.
std::string encode_record(const JournalRecord& record);
/// `where` begins the messages.
Result<JournalRecord> decode_record(std::string_view text, const std::string& where);

}  // namespace fulmar::storage
