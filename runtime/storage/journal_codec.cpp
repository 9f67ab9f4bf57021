#include "runtime/storage/journal_codec.hpp"

#include <limits>
#include <optional>
#include <tuple>

#include <nlohmann/json.hpp>

#include "runtime/storage/checkpoint_state.hpp"
#include "runtime/storage/json_reader.hpp"
#include "runtime/storage/voided_round_json.hpp"

namespace fulmar::storage {
namespace {

using nlohmann::json;

template <class Record, class Value>
struct Field {
  const char* key;
  Value Record::*member;

  auto& of(auto& record) const { return record.*member; }
};

/// A field of a part of the record.
template <class Record, class Part, class Value>
struct PartField {
  const char* key;
  Part Record::*part;
  Value Part::*member;

  auto& of(auto& record) const { return record.*part.*member; }
};

template <class Record, class Value>
Field(const char*, Value Record::*) -> Field<Record, Value>;
template <class Record, class Part, class Value>
PartField(const char*, Part Record::*, Value Part::*) -> PartField<Record, Part, Value>;

/// A record's type and its fields: the one description that both directions follow.
template <class Record>
struct Description;

template <>
struct Description<core::RunStarted> {
  static constexpr const char* kType = "run_started";
  static constexpr auto kFields =
      std::tuple(Field{"run_id", &core::RunStarted::run_id}, Field{"config_sha256", &core::RunStarted::config_sha256});
};
template <>
struct Description<core::TermStarted> {
  static constexpr const char* kType = "term_started";
  static constexpr auto kFields =
      std::tuple(Field{"term", &core::TermStarted::term}, Field{"version", &core::TermStarted::version});
};
template <>
struct Description<core::PlanRecorded> {
  static constexpr const char* kType = "plan_changed";
  static constexpr auto kFields =
      std::tuple(Field{"term", &core::PlanRecorded::term}, Field{"number", &core::PlanRecorded::number},
                 Field{"from_version", &core::PlanRecorded::from_version},
                 Field{"holders", &core::PlanRecorded::holders}, Field{"reason", &core::PlanRecorded::reason});
};
template <>
struct Description<core::ValidationDone> {
  static constexpr const char* kType = "validation_done";
  static constexpr auto kFields =
      std::tuple(Field{"version", &core::ValidationDone::version}, Field{"loss", &core::ValidationDone::loss});
};
template <>
struct Description<core::CheckpointWritten> {
  static constexpr const char* kType = "checkpoint_written";
  static constexpr auto kFields =
      std::tuple(Field{"version", &core::CheckpointWritten::version}, Field{"kind", &core::CheckpointWritten::kind},
                 Field{"weights_sha256", &core::CheckpointWritten::weights_sha256});
};
template <>
struct Description<core::CheckpointFailed> {
  static constexpr const char* kType = "checkpoint_failed";
  static constexpr auto kFields =
      std::tuple(Field{"version", &core::CheckpointFailed::version}, Field{"reason", &core::CheckpointFailed::reason});
};
template <>
struct Description<core::UpdateApplied> {
  static constexpr const char* kType = "update";
  static constexpr auto kFields = std::tuple(
      Field{"version", &core::UpdateApplied::version},
      PartField{"lease", &core::UpdateApplied::attempt, &core::Attempt::lease},
      PartField{"node", &core::UpdateApplied::attempt, &core::Attempt::node},
      PartField{"incarnation", &core::UpdateApplied::attempt, &core::Attempt::incarnation},
      PartField{"unit", &core::UpdateApplied::attempt, &core::Attempt::unit},
      PartField{"base", &core::UpdateApplied::attempt, &core::Attempt::base},
      Field{"loss_sum", &core::UpdateApplied::loss_sum}, Field{"squared_norm", &core::UpdateApplied::squared_norm});
};
template <>
struct Description<core::PolicySwitched> {
  static constexpr const char* kType = "policy_switched";
  static constexpr auto kFields =
      std::tuple(Field{"version", &core::PolicySwitched::version}, Field{"policy", &core::PolicySwitched::policy},
                 Field{"reason", &core::PolicySwitched::reason});
};
template <>
struct Description<core::RoundVoided> {
  static constexpr const char* kType = "round_voided";
  static constexpr auto kFields =
      std::tuple(Field{"round", &core::RoundVoided::round}, Field{"reason", &core::RoundVoided::reason});
};
template <>
struct Description<core::NodeAdmitted> {
  static constexpr const char* kType = "node_admitted";
  static constexpr auto kFields =
      std::tuple(Field{"node", &core::NodeAdmitted::node}, Field{"incarnation", &core::NodeAdmitted::incarnation},
                 Field{"name", &core::NodeAdmitted::name});
};
template <>
struct Description<core::NodeFailed> {
  static constexpr const char* kType = "node_failed";
  static constexpr auto kFields =
      std::tuple(Field{"node", &core::NodeFailed::node}, Field{"incarnation", &core::NodeFailed::incarnation},
                 Field{"cause", &core::NodeFailed::cause});
};
template <>
struct Description<core::NodeLeft> {
  static constexpr const char* kType = "node_left";
  static constexpr auto kFields =
      std::tuple(Field{"node", &core::NodeLeft::node}, Field{"incarnation", &core::NodeLeft::incarnation},
                 Field{"reason", &core::NodeLeft::reason});
};
template <>
struct Description<core::SlotDied> {
  static constexpr const char* kType = "slot_died";
  static constexpr auto kFields =
      std::tuple(Field{"node", &core::SlotDied::node}, Field{"slot", &core::SlotDied::slot},
                 Field{"where", &core::SlotDied::where}, Field{"cause", &core::SlotDied::cause});
};
template <>
struct Description<core::DecisionMade> {
  static constexpr const char* kType = "decision_made";
  static constexpr auto kFields =
      std::tuple(Field{"version", &core::DecisionMade::version}, Field{"decision", &core::DecisionMade::decision},
                 Field{"reason", &core::DecisionMade::reason});
};
template <>
struct Description<core::RunEnded> {
  static constexpr const char* kType = "run_ended";
  static constexpr auto kFields =
      std::tuple(Field{"version", &core::RunEnded::version}, Field{"completed", &core::RunEnded::completed},
                 Field{"reason", &core::RunEnded::reason});
};

json to_json(std::uint64_t value) {
  return value;
}
json to_json(std::uint32_t value) {
  return value;
}
json to_json(bool value) {
  return value;
}
json to_json(double value) {
  return real_to_json(value);
}
json to_json(const std::string& value) {
  return value;
}
json to_json(core::CheckpointKind value) {
  return to_string(value);
}

json to_json(const core::VoidedRound& value) {
  return encode_voided_round(value);
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
void read_into(JsonReader& reader, const char* key, bool& value) {
  value = reader.truth(key);
}
void read_into(JsonReader& reader, const char* key, core::VoidedRound& value) {
  value = decode_voided_round(reader.object(key), reader, key);
}
void read_into(JsonReader& reader, const char* key, core::CheckpointKind& value) {
  const auto kind = parse_checkpoint_kind(reader.text(key));
  if (kind) value = *kind;
  if (!kind) reader.fail(kind.error().message);
}

template <class Record>
json record_to_json(const Record& record) {
  json object = {{"type", Description<Record>::kType}};
  std::apply([&](const auto&... field) { ((object[field.key] = to_json(field.of(record))), ...); },
             Description<Record>::kFields);
  return object;
}

/// Reads the record when `type` is that of `Record`.
template <class Record>
bool read_as(const std::string& type, JsonReader& reader, std::optional<core::JournalRecord>& out) {
  if (type != Description<Record>::kType) return false;
  Record record;
  std::apply([&](const auto&... field) { (read_into(reader, field.key, field.of(record)), ...); },
             Description<Record>::kFields);
  out = std::move(record);
  return true;
}

template <class... Records>
std::optional<core::JournalRecord> read_any(const std::string& type, JsonReader& reader,
                                            const std::variant<Records...>*) {
  std::optional<core::JournalRecord> record;
  static_cast<void>((read_as<Records>(type, reader, record) || ...));
  return record;
}

}  // namespace

std::string encode_record(const core::JournalRecord& record, core::Term by_term) {
  json object = std::visit([](const auto& alternative) { return record_to_json(alternative); }, record);
  if (by_term != 0) object["by_term"] = by_term;
  return compact(object);
}

Result<WrittenRecord> decode_record(std::string_view text, const std::string& where) {
  const auto object = parse_json_object(text, where);
  if (!object) return object.error();
  JsonReader reader(*object, where);
  const std::string type = reader.text("type");
  if (!reader.ok()) return reader.error();
  auto record = read_any(type, reader, static_cast<const core::JournalRecord*>(nullptr));
  if (!record) return Error{where + ": record type \"" + type + "\" is not known; use the Fulmar that wrote it"};
  const core::Term by_term = reader.has("by_term") ? reader.natural("by_term") : 0;
  if (!reader.ok()) return reader.error();
  return WrittenRecord{std::move(*record), by_term};
}

}  // namespace fulmar::storage
