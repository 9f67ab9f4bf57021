#include "runtime/storage/journal_record.hpp"

#include <limits>
#include <optional>
#include <tuple>

#include <nlohmann/json.hpp>

#include "runtime/storage/json_reader.hpp"

namespace fulmar::storage {
namespace {

using nlohmann::json;

template <class Record, class Value>
struct Field {
  const char* key;
  Value Record::*member;
};

template <class Record, class Value>
Field(const char*, Value Record::*) -> Field<Record, Value>;

/// A record's type and its fields: the one description that both directions follow.
template <class Record>
struct Description;

template <>
struct Description<RunStarted> {
  static constexpr const char* kType = "run_started";
  static constexpr auto kFields =
      std::tuple(Field{"run_id", &RunStarted::run_id}, Field{"config_sha256", &RunStarted::config_sha256});
};
template <>
struct Description<TermStarted> {
  static constexpr const char* kType = "term_started";
  static constexpr auto kFields =
      std::tuple(Field{"term", &TermStarted::term}, Field{"version", &TermStarted::version});
};
template <>
struct Description<PlanChanged> {
  static constexpr const char* kType = "plan_changed";
  static constexpr auto kFields =
      std::tuple(Field{"term", &PlanChanged::term}, Field{"number", &PlanChanged::number},
                 Field{"from_version", &PlanChanged::from_version}, Field{"holders", &PlanChanged::holders});
};
template <>
struct Description<ValidationDone> {
  static constexpr const char* kType = "validation_done";
  static constexpr auto kFields =
      std::tuple(Field{"version", &ValidationDone::version}, Field{"loss", &ValidationDone::loss});
};
template <>
struct Description<CheckpointWritten> {
  static constexpr const char* kType = "checkpoint_written";
  static constexpr auto kFields =
      std::tuple(Field{"version", &CheckpointWritten::version}, Field{"kind", &CheckpointWritten::kind},
                 Field{"weights_sha256", &CheckpointWritten::weights_sha256});
};
template <>
struct Description<CheckpointFailed> {
  static constexpr const char* kType = "checkpoint_failed";
  static constexpr auto kFields =
      std::tuple(Field{"version", &CheckpointFailed::version}, Field{"reason", &CheckpointFailed::reason});
};
template <>
struct Description<RoundVoided> {
  static constexpr const char* kType = "round_voided";
  static constexpr auto kFields =
      std::tuple(Field{"version", &RoundVoided::version}, Field{"epoch", &RoundVoided::epoch},
                 Field{"first_position", &RoundVoided::first_position}, Field{"samples", &RoundVoided::samples});
};
template <>
struct Description<NodeFailed> {
  static constexpr const char* kType = "node_failed";
  static constexpr auto kFields =
      std::tuple(Field{"node", &NodeFailed::node}, Field{"incarnation", &NodeFailed::incarnation},
                 Field{"cause", &NodeFailed::cause});
};
template <>
struct Description<SlotFailed> {
  static constexpr const char* kType = "slot_failed";
  static constexpr auto kFields = std::tuple(Field{"node", &SlotFailed::node}, Field{"slot", &SlotFailed::slot},
                                             Field{"leaf", &SlotFailed::leaf}, Field{"cause", &SlotFailed::cause});
};
template <>
struct Description<DecisionMade> {
  static constexpr const char* kType = "decision_made";
  static constexpr auto kFields =
      std::tuple(Field{"version", &DecisionMade::version}, Field{"decision", &DecisionMade::decision},
                 Field{"reason", &DecisionMade::reason});
};
template <>
struct Description<RunEnded> {
  static constexpr const char* kType = "run_ended";
  static constexpr auto kFields = std::tuple(Field{"version", &RunEnded::version}, Field{"reason", &RunEnded::reason});
};

json to_json(std::uint64_t value) {
  return value;
}
json to_json(double value) {
  return real_to_json(value);
}
json to_json(const std::string& value) {
  return value;
}
json to_json(CheckpointKind value) {
  return to_string(value);
}

void read_into(JsonReader& reader, const char* key, std::uint64_t& value) {
  value = reader.natural(key);
}
void read_into(JsonReader& reader, const char* key, double& value) {
  value = reader.real(key);
}
void read_into(JsonReader& reader, const char* key, std::string& value) {
  value = reader.text(key);
}
void read_into(JsonReader& reader, const char* key, std::uint32_t& value) {
  const std::uint64_t wide = reader.natural(key);
  if (wide > std::numeric_limits<std::uint32_t>::max()) reader.fail(std::string("\"") + key + "\" is too large");
  value = static_cast<std::uint32_t>(wide);
}
void read_into(JsonReader& reader, const char* key, CheckpointKind& value) {
  const auto kind = parse_checkpoint_kind(reader.text(key));
  if (kind) value = *kind;
  if (!kind) reader.fail(kind.error().message);
}

template <class Record>
json record_to_json(const Record& record) {
  json object = {{"type", Description<Record>::kType}};
  std::apply([&](const auto&... field) { ((object[field.key] = to_json(record.*field.member)), ...); },
             Description<Record>::kFields);
  return object;
}

/// Reads the record when `type` is that of `Record`.
template <class Record>
bool read_as(const std::string& type, JsonReader& reader, std::optional<JournalRecord>& out) {
  if (type != Description<Record>::kType) return false;
  Record record;
  std::apply([&](const auto&... field) { (read_into(reader, field.key, record.*field.member), ...); },
             Description<Record>::kFields);
  out = std::move(record);
  return true;
}

template <class... Records>
std::optional<JournalRecord> read_any(const std::string& type, JsonReader& reader, const std::variant<Records...>*) {
  std::optional<JournalRecord> record;
  static_cast<void>((read_as<Records>(type, reader, record) || ...));
  return record;
}

}  // namespace

std::string encode_record(const JournalRecord& record) {
  return compact(std::visit([](const auto& alternative) { return record_to_json(alternative); }, record));
}

Result<JournalRecord> decode_record(std::string_view text, const std::string& where) {
  const auto object = parse_json_object(text, where);
  if (!object) return object.error();
  JsonReader reader(*object, where);
  const std::string type = reader.text("type");
  if (!reader.ok()) return reader.error();
  auto record = read_any(type, reader, static_cast<const JournalRecord*>(nullptr));
  if (!record) return Error{where + ": record type \"" + type + "\" is not known; use the Fulmar that wrote it"};
  if (!reader.ok()) return reader.error();
  return std::move(*record);
}

}  // namespace fulmar::storage
