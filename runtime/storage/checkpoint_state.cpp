#include "runtime/storage/checkpoint_state.hpp"

#include <nlohmann/json.hpp>

#include "runtime/storage/checkpoint_layout.hpp"
#include "runtime/storage/json_reader.hpp"
#include "runtime/storage/sealed_json.hpp"
#include "runtime/storage/voided_round_json.hpp"

namespace fulmar::storage {
namespace {

using nlohmann::json;

constexpr std::uint64_t kFormat = 1;

json encode_voided(const std::vector<core::VoidedRound>& rounds) {
  json list = json::array();
  for (const auto& round : rounds) list.push_back(encode_voided_round(round));
  return list;
}

std::vector<core::VoidedRound> decode_voided(JsonReader& reader) {
  std::vector<core::VoidedRound> rounds;
  for (const json& entry : reader.array("voided")) rounds.push_back(decode_voided_round(entry, reader, "voided"));
  return rounds;
}

json encode_validation(const core::ValidationState& validation) {
  json object = {{"checks_without_better", validation.checks_without_better}};
  const auto add = [&](const char* key, const std::optional<core::ValidationRecord>& record) {
    if (record) object[key] = {{"version", record->version}, {"loss", real_to_json(record->loss)}};
  };
  add("best", validation.best);
  add("latest", validation.latest);
  return object;
}

core::ValidationState decode_validation(JsonReader& reader) {
  JsonReader fields(reader.object("validation"), "validation");
  const auto record = [&](const char* key) -> std::optional<core::ValidationRecord> {
    if (!fields.has(key)) return std::nullopt;
    JsonReader members(fields.object(key), std::string("validation.") + key);
    const core::ValidationRecord value{members.natural("version"), members.real("loss")};
    fields.adopt_failure(members);
    return value;
  };
  core::ValidationState validation{record("best"), record("latest"), fields.natural("checks_without_better")};
  reader.adopt_failure(fields);
  return validation;
}

json encode_files(const FileDigests& files) {
  json object = json::object();
  for (const auto& [name, digest] : files) object[name] = {{"bytes", digest.bytes}, {"sha256", digest.sha256}};
  return object;
}

FileDigests decode_files(JsonReader& reader) {
  FileDigests files;
  for (const auto& [name, entry] : reader.object("files").items()) {
    JsonReader fields(entry, "files." + name);
    files[name] = {fields.natural("bytes"), fields.text("sha256")};
    reader.adopt_failure(fields);
  }
  return files;
}

core::RunState decode_run(JsonReader& reader) {
  core::RunState run;
  run.version = reader.natural("version");
  run.updates_applied = reader.natural("updates_applied");
  run.voided_in_a_row = reader.natural("voided_in_a_row");
  run.ledger = core::Ledger::restore(reader.natural("epoch"), reader.natural("position"),
                                     reader.natural("samples_counted"), decode_voided(reader));
  run.validation = decode_validation(reader);
  run.train_loss = reader.real("train_loss");
  return run;
}

}  // namespace

const char* to_string(core::CheckpointKind kind) {
  return kind == core::CheckpointKind::full ? "full" : "weights";
}

Result<core::CheckpointKind> parse_checkpoint_kind(std::string_view text) {
  if (text == "full") return core::CheckpointKind::full;
  if (text == "weights") return core::CheckpointKind::weights;
  return Error{"kind is \"" + std::string(text) + "\"; \"full\" or \"weights\" was expected"};
}

std::string StateFile::weights_sha256() const {
  const auto weights = files.find(std::string(kWeightsFile));
  return weights == files.end() ? "" : weights->second.sha256;
}

std::string encode_state(const StateFile& content) {
  const CheckpointState& state = content.state;
  const core::RunState& run = state.run;
  return seal({{"format", kFormat},
               {"kind", to_string(state.kind)},
               {"run", state.run_id},
               {"term", state.term},
               {"version", run.version},
               {"updates_applied", run.updates_applied},
               {"voided_in_a_row", run.voided_in_a_row},
               {"epoch", run.ledger.epoch()},
               {"position", run.ledger.position()},
               {"samples_counted", run.ledger.samples_counted()},
               {"voided", encode_voided(run.ledger.voided())},
               {"train_loss", real_to_json(run.train_loss)},
               {"validation", encode_validation(run.validation)},
               {"policy", state.policy},
               {"seed", state.seed},
               {"config_sha256", state.config_sha256},
               {"files", encode_files(content.files)}});
}

Result<StateFile> decode_state(std::string_view text, const std::string& where) {
  const auto document = unseal(text, where);
  if (!document) return document.error();
  JsonReader reader(*document, where);
  if (const auto format = reader.natural("format"); reader.ok() && format != kFormat) {
    return Error{where + ": format " + std::to_string(format) + " is not known, this program reads format " +
                 std::to_string(kFormat) + "; use the Fulmar that wrote it"};
  }
  const auto kind = parse_checkpoint_kind(reader.text("kind"));
  if (!kind) reader.fail(kind.error().message);

  StateFile content;
  content.state.kind = kind ? *kind : core::CheckpointKind::full;
  content.state.run_id = reader.text("run");
  content.state.term = reader.natural("term");
  content.state.policy = reader.text("policy");
  content.state.seed = reader.natural("seed");
  content.state.config_sha256 = reader.text("config_sha256");
  content.state.run = decode_run(reader);
  content.files = decode_files(reader);
  if (!reader.ok()) return reader.error();
  return content;
}

}  // namespace fulmar::storage
