// Records of the journal (runtime/core/journal_record.hpp) as JSON.
//
// Format of a record: a compact JSON object with "type" and the members below, named as the fields are. Numbers are
// JSON numbers; a loss that is not finite is "nan", "inf" or "-inf".
//
//   run_started         run_id, config_sha256                  the first record of a journal
//   term_started        term, version                          a head started and goes on from this version
//   plan_changed        term, number, from_version, holders, reason
//   validation_done     version, loss
//   checkpoint_written  version, kind, weights_sha256          after the checkpoint is durable
//   checkpoint_failed   version, reason                        the run goes on without it
//   round_voided        round {version, epoch, first_position, samples}, reason
//   node_admitted       node, incarnation, name
//   node_failed         node, incarnation, cause
//   slot_died           node, slot, where, cause
//   decision_made       version, decision, reason              an early stop, a quarantine, …
//   run_ended           version, completed, reason
//
// New kinds and new members may come; a member never changes its meaning.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "runtime/core/journal_record.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::storage {

/// One line of JSON, without its end.
std::string encode_record(const core::JournalRecord& record);
/// `where` begins the messages.
Result<core::JournalRecord> decode_record(std::string_view text, const std::string& where);

}  // namespace fulmar::storage
