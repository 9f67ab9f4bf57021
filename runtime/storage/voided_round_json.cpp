#include "runtime/storage/voided_round_json.hpp"

#include <nlohmann/json.hpp>

namespace fulmar::storage {

nlohmann::json encode_voided_round(const core::VoidedRound& round) {
  return {{"version", round.version},
          {"epoch", round.epoch},
          {"first_position", round.first_position},
          {"samples", round.samples}};
}

core::VoidedRound decode_voided_round(const nlohmann::json& entry, JsonReader& owner, const std::string& name) {
  JsonReader fields(entry, name);
  core::VoidedRound round;
  round.version = fields.natural("version");
  round.epoch = fields.natural("epoch");
  round.first_position = fields.natural("first_position");
  round.samples = fields.natural("samples");
  owner.adopt_failure(fields);
  return round;
}

}  // namespace fulmar::storage
