#include "tests/driving/paced/event_log.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>

#include <nlohmann/json.hpp>

#include "runtime/storage/journal_codec.hpp"

namespace fulmar::testing {

using nlohmann::json;

Result<std::unique_ptr<EventLog>> EventLog::open(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "a");
  if (file == nullptr) return Error{"FULMAR_EVENTS=" + path + " cannot be opened: " + std::strerror(errno)};
  std::unique_ptr<EventLog> log(new EventLog(file));
  log->write("started", "{}");
  return log;
}

void EventLog::on_round(const core::RunState& state, const core::Verdict&, std::uint64_t samples, double seconds) {
  write("round", json{{"version", state.version}, {"samples", samples}, {"seconds", seconds}}.dump());
}

void EventLog::on_record(const core::JournalRecord& record) {
  const std::string text = storage::encode_record(record, 0);
  write(json::parse(text).at("type").get<std::string>().c_str(), text);
}

void EventLog::on_members(const core::Membership& members) {
  const auto about = [](const auto& id, const std::string& name) {
    return json{{"node", id.first}, {"incarnation", id.second}, {"name", name}};
  };
  std::map<std::pair<core::NodeId, core::Incarnation>, Known> present;
  for (const auto& [node, member] : members.all()) {
    const std::pair id(node, member.incarnation);
    present[id] = {member.name, member.state};
    const auto before = known_.find(id);
    if (before != known_.end() && before->second.state == member.state) continue;
    json line = about(id, member.name);
    line["state"] = core::to_string(member.state);
    write("member", line.dump());
  }
  for (const auto& [id, member] : known_) {
    if (!present.contains(id)) write("gone", about(id, member.name).dump());
  }
  known_ = std::move(present);
}

void EventLog::on_relief(std::uint64_t leased, std::uint64_t duplicated) {
  write("relief", json{{"leased", leased}, {"duplicated", duplicated}}.dump());
}

void EventLog::on_recovery(const actors::Recovery& recovery) {
  const json line{{"detection", recovery.detection_seconds}, {"recovery", recovery.recovery_seconds}};
  write("recovered", line.dump());
}

void EventLog::on_dropped_message(const std::string& reason) {
  write("dropped", json{{"reason", reason}}.dump());
}

void EventLog::on_trouble(const std::string& message) {
  write("trouble", json{{"message", message}}.dump());
}

void EventLog::write(const char* event, const std::string& members) {
  const std::chrono::nanoseconds now = std::chrono::steady_clock::now().time_since_epoch();
  std::fprintf(file_.get(), "%lld %s %s\n", static_cast<long long>(now.count()), event, members.c_str());
  std::fflush(file_.get());  // whoever follows the file waits for it, and the process may be killed
}

}  // namespace fulmar::testing
