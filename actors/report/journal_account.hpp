// What a run's journal says of the run as a whole: its heads, policies, losses, void rounds, failures, and its end.
// Thread rule: pure function.
#pragma once

#include <cstddef>
#include <span>

#include <nlohmann/json.hpp>

#include "runtime/core/journal_record.hpp"
#include "runtime/core/policy.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::report {

/// As the members of a report that have these names.
struct JournalAccount {
  nlohmann::json terms = nlohmann::json::array();
  nlohmann::json policies = nlohmann::json::array();
  nlohmann::json validation = nlohmann::json::array();
  nlohmann::json voided_rounds = nlohmann::json::array();
  nlohmann::json failures;
  nlohmann::json reason;  ///< why it ended; null while it goes on, or where its head was lost
};

/// `configured`: the policy that the run began with. Of more than `validations_max` validations every n-th is taken,
/// with the first, the last and the best. Errors name the record that cannot be.
Result<JournalAccount> account_of(std::span<const core::JournalRecord> records, const core::PolicySettings& configured,
                                  std::size_t validations_max);

}  // namespace fulmar::report
