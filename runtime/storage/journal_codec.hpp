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
//   update              version, lease, node, incarnation, unit, base, loss_sum, squared_norm
//                                                          of asynchronous policies, one each: some 190 bytes a line
//   policy_switched     version, policy, reason                the run works by it from this version on
//   round_voided        round {version, epoch, first_position, samples}, reason
//   node_admitted       node, incarnation, name
//   node_failed         node, incarnation, cause
//   node_left           node, incarnation, reason              by its own wish, or drained
//   slot_died           node, slot, where, cause
//   decision_made       version, decision, reason              an early stop, a quarantine, …
//   run_ended           version, completed, reason
//
// And with every record, once its head has raised its term: by_term, the term of the head that wrote it.
//
// New kinds and new members may come; a member never changes its meaning.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "runtime/core/journal_record.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::storage {

struct WrittenRecord {
  core::JournalRecord record;
  core::Term by_term = 0;  ///< of the head that wrote it; 0: before it had one, or not known
};

/// One line of JSON, without its end.
std::string encode_record(const core::JournalRecord& record, core::Term by_term);
/// `where` begins the messages.
Result<WrittenRecord> decode_record(std::string_view text, const std::string& where);

}  // namespace fulmar::storage
