// state.json of a checkpoint: all of a version that is not a tensor, and what the tensor files are known by.
//
// Format: sealed JSON (sealed_json.hpp) with the members format (1), kind ("full" | "weights"), run, term, version,
// updates_applied, voided_in_a_row, epoch, position (in the epoch order), samples_counted, voided (a list of {version,
// epoch, first_position, samples}), train_loss, validation ({best, latest: {version, loss} or absent,
// checks_without_better}), policy, seed, config_sha256, files ({NAME: {bytes, sha256}}).
// Thread rule: plain values and pure functions.
//
// STATE-1: decode(encode(s)) == s, every double with the same bits (of NaNs, that it is one).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "runtime/core/journal_record.hpp"
#include "runtime/core/run_state.hpp"
#include "runtime/storage/sha256.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::storage {

/// "full", "weights".
const char* to_string(core::CheckpointKind kind);
Result<core::CheckpointKind> parse_checkpoint_kind(std::string_view text);

struct CheckpointState {
  core::CheckpointKind kind = core::CheckpointKind::full;
  std::string run_id;
  core::Term term = 0;  ///< of the head that wrote it
  std::string policy;
  std::uint64_t seed = 0;
  std::string config_sha256;
  core::RunState run;  ///< with version, epoch, position and ledger
  bool operator==(const CheckpointState&) const = default;
};

/// By file name.
using FileDigests = std::map<std::string, FileDigest>;

struct StateFile {
  CheckpointState state;
  FileDigests files;

  /// What a version is known by; empty where there are no weights.
  std::string weights_sha256() const;
};

std::string encode_state(const StateFile& content);
/// `where` begins the messages: the file as a user knows it.
Result<StateFile> decode_state(std::string_view text, const std::string& where);

}  // namespace fulmar::storage
