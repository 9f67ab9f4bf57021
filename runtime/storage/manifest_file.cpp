#include "runtime/storage/manifest_file.hpp"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "runtime/storage/atomic_file.hpp"
#include "runtime/storage/json_reader.hpp"
#include "runtime/storage/sealed_json.hpp"

namespace fulmar::storage {
namespace {

using nlohmann::json;

constexpr std::uint64_t kFormat = 1;

json encode_tensors(const std::vector<core::ManifestTensor>& tensors) {
  json list = json::array();
  for (const auto& tensor : tensors) {
    list.push_back({{"name", tensor.name}, {"shape", tensor.shape}, {"offset", tensor.offset}, {"size", tensor.size}});
  }
  return list;
}

core::ManifestTensor decode_tensor(const json& entry, JsonReader& reader) {
  JsonReader fields(entry, "tensors");
  core::ManifestTensor tensor;
  tensor.name = fields.text("name");
  tensor.offset = fields.natural("offset");
  tensor.size = fields.natural("size");
  std::size_t product = 1;
  bool sound = true;
  for (const json& extent : fields.array("shape")) {
    tensor.shape.push_back(extent.is_number_unsigned() ? extent.get<std::size_t>() : 0);
    sound = sound && extent.is_number_unsigned() && !__builtin_mul_overflow(product, tensor.shape.back(), &product);
  }
  if (!sound || product != tensor.size) fields.fail("the shape of \"" + tensor.name + "\" does not give its size");
  reader.adopt_failure(fields);
  return tensor;
}

std::vector<core::ManifestTensor> decode_tensors(JsonReader& reader, std::uint64_t floats) {
  std::vector<core::ManifestTensor> tensors;
  for (const json& entry : reader.array("tensors")) {
    tensors.push_back(decode_tensor(entry, reader));
    const auto& tensor = tensors.back();
    if (tensor.size > floats || tensor.offset > floats - tensor.size) {
      reader.fail("tensor \"" + tensor.name + "\" does not lie in the " + std::to_string(floats) + " parameter_floats");
    }
  }
  return tensors;
}

json encode_statistics(const std::map<std::string, double>& statistics) {
  json object = json::object();
  for (const auto& [name, value] : statistics) object[name] = real_to_json(value);
  return object;
}

std::map<std::string, double> decode_statistics(JsonReader& reader) {
  std::map<std::string, double> statistics;
  const json& object = reader.object("statistics");
  JsonReader values(object, "statistics");
  for (const auto& [name, unused] : object.items()) statistics[name] = values.real(name.c_str());
  reader.adopt_failure(values);
  return statistics;
}

}  // namespace

std::string manifest_text(const core::Manifest& manifest) {
  return seal({{"format", kFormat},
               {"run_id", manifest.run_id},
               {"name", manifest.name},
               {"seed", manifest.seed},
               {"config", manifest.config},
               {"config_sha256", manifest.config_sha256},
               {"train_samples", manifest.train_samples},
               {"validation_samples", manifest.validation_samples},
               {"test_samples", manifest.test_samples},
               {"leaf_size", manifest.leaf_size},
               {"leaves", manifest.leaves},
               {"shards", manifest.shards},
               {"parameter_floats", manifest.parameter_floats},
               {"parameter_count", manifest.parameter_count},
               {"tensors", encode_tensors(manifest.tensors)},
               {"determinism_class", manifest.determinism_class},
               {"data_fingerprint", manifest.data_fingerprint},
               {"statistics", encode_statistics(manifest.statistics)}});
}

Result<core::Manifest> parse_manifest(const std::string& text, const std::string& where) {
  const auto document = unseal(text, where);
  if (!document) return document.error();
  JsonReader reader(*document, where);
  if (const auto format = reader.natural("format"); reader.ok() && format != kFormat) {
    return Error{where + ": format " + std::to_string(format) + " is not known, this program reads format " +
                 std::to_string(kFormat) + "; use the Fulmar that wrote it"};
  }
  core::Manifest manifest;
  manifest.run_id = reader.text("run_id");
  manifest.name = reader.text("name");
  manifest.seed = reader.natural("seed");
  manifest.config = reader.text("config");
  manifest.config_sha256 = reader.text("config_sha256");
  manifest.train_samples = reader.natural("train_samples");
  manifest.validation_samples = reader.natural("validation_samples");
  manifest.test_samples = reader.natural("test_samples");
  manifest.leaf_size = reader.natural("leaf_size");
  manifest.leaves = reader.natural("leaves");
  const std::uint64_t shards = reader.natural("shards");
  if (shards < 1 || shards > std::numeric_limits<std::uint32_t>::max()) reader.fail("\"shards\" is out of range");
  manifest.shards = static_cast<std::uint32_t>(shards);
  manifest.parameter_floats = reader.natural("parameter_floats");
  manifest.parameter_count = reader.natural("parameter_count");
  manifest.tensors = decode_tensors(reader, manifest.parameter_floats);
  manifest.determinism_class = reader.text("determinism_class");
  manifest.data_fingerprint = reader.text("data_fingerprint");
  manifest.statistics = decode_statistics(reader);
  if (!reader.ok()) return reader.error();
  return manifest;
}

Result<void> write_manifest(Storage& storage, const core::Manifest& manifest) {
  if (storage.exists(kManifestFile)) {
    return Error{storage.display(kManifestFile) +
                 ": a run is there already; go on with it by --resume, or use another "
                 "run.directory"};
  }
  return write_file_atomically(storage, ".", kManifestFile, manifest_text(manifest));
}

Result<core::Manifest> read_manifest(const Storage& storage) {
  const auto text = read_text(storage, kManifestFile);
  if (!text) return text.error();
  return parse_manifest(*text, storage.display(kManifestFile));
}

}  // namespace fulmar::storage
