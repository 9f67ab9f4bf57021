// A voided round as JSON, the same in state.json and in the journal: {version, epoch, first_position, samples}.
// Private to this folder's sources.
// Thread rule: pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "runtime/core/ledger.hpp"
#include "runtime/storage/json_reader.hpp"

namespace fulmar::storage {

nlohmann::json encode_voided_round(const core::VoidedRound& round);
/// What is wrong is recorded in `owner`, after `name`.
core::VoidedRound decode_voided_round(const nlohmann::json& entry, JsonReader& owner, const std::string& name);

}  // namespace fulmar::storage
