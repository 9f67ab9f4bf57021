#include "actors/report/journal_account.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "runtime/core/run_history.hpp"

namespace fulmar::report {
namespace {

nlohmann::json validations_of(const core::RunHistory& history, std::size_t validations_max) {
  nlohmann::json list = nlohmann::json::array();
  const auto& all = history.validations;
  if (all.empty()) return list;
  const auto is_better = [](const auto& a, const auto& b) {
    return a.second < b.second || (std::isnan(b.second) && !std::isnan(a.second));
  };
  const auto best = std::min_element(all.begin(), all.end(), is_better);
  const std::size_t room = std::max<std::size_t>(validations_max, 4) - 2;  // the best and the last come on top
  const std::size_t stride = (all.size() + room - 1) / room;
  std::size_t index = 0;
  for (auto entry = all.begin(); entry != all.end(); ++entry, ++index) {
    if (index % stride == 0 || index + 1 == all.size() || entry == best)
      list.push_back({{"version", entry->first}, {"loss", entry->second}});
  }
  return list;
}

/// Goes through all records, also those that a later head made void: they happened.
class Reader {
 public:
  void on(const core::TermStarted& term) {
    account_.terms.push_back({{"term", term.term}, {"version", term.version}});
    account_.reason = nullptr;
  }
  void on(const core::RunEnded& ended) { account_.reason = ended.reason; }
  void on(const core::NodeAdmitted&) { ++joins_; }
  void on(const core::NodeLeft&) { ++departures_; }
  void on(const core::NodeFailed&) { ++lost_; }
  void on(const core::SlotDied&) { ++slots_; }
  void on(const core::RoundVoided& voided) { void_reasons_[voided.round.version] = voided.reason; }
  template <class Record>
  void on(const Record&) {}

  JournalAccount account(const core::RunHistory& history, std::size_t validations_max) && {
    for (const auto& [version, policy] : history.policies)
      account_.policies.push_back({{"version", version}, {"policy", core::to_string(policy)}});
    for (const auto& [version, round] : history.voided)
      account_.voided_rounds.push_back({{"version", version}, {"reason", void_reasons_[version]}});
    account_.validation = validations_of(history, validations_max);
    account_.failures = {{"joins", joins_}, {"departures", departures_}, {"lost", lost_}, {"slots", slots_}};
    return std::move(account_);
  }

 private:
  JournalAccount account_;
  std::map<core::Version, std::string> void_reasons_;
  std::uint64_t joins_ = 0, departures_ = 0, lost_ = 0, slots_ = 0;
};

}  // namespace

Result<JournalAccount> account_of(std::span<const core::JournalRecord> records, const core::PolicySettings& configured,
                                  std::size_t validations_max) {
  const Result<core::RunHistory> history = core::read_history(records, configured);
  if (!history) return history.error();
  Reader reader;
  for (const core::JournalRecord& record : records) std::visit([&](const auto& entry) { reader.on(entry); }, record);
  return std::move(reader).account(*history, validations_max);
}

}  // namespace fulmar::report
